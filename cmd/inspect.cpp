#include "runtime/lifecycle/inspect.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "cmd/list/gather.h"
#include "cmd/list/image_document.h"
#include "cmd/network_text.h"
#include "cmd/options/members.h"
#include "cmd/print/error.h"
#include "cmd/print/template.h"
#include "cmd/verbs.h"
#include "cmd/volume_text.h"
#include "runtime/lifecycle/disk_usage.h"
#include "runtime/lifecycle/existing.h"
#include "runtime/network/definition/store.h"
#include "runtime/state/places.h"

namespace mycontainer::cmd {
namespace {

using options::Option;
using runtime::state::Roots;

struct Typed {
  std::string format, type;
  bool sizes = false;
};

constexpr std::array kOptions = {
    Option{"format", 'f', "string", "Format output: 'json' or a Go template 'TEMPLATE'",
           options::text<&Typed::format>},
    Option{"size", 's', "", "Display total file sizes if the type is container",
           options::flag<&Typed::sizes>},
    Option{"type", 0, "string", "Only inspect objects of the given type",
           options::text<&Typed::type>},
};

Result<print::Json> image_of(const Roots& roots, const std::string& word) {
  TRY(const auto store, rootfs::image::ImageStore::open(roots.data));
  TRY(const auto layers, rootfs::layer::LayerStore::open(roots.data));
  TRY(const auto image, store.find(word));
  TRY(const auto entry, runtime::images::entry_of(roots, store, image));
  return list::image_document(entry, layers);
}

// What cannot be read, or is gone meanwhile, is not there.
runtime::network::Attachment attachment_of(const Roots& roots, const std::string& id) {
  auto attachment =
      runtime::network::read_attachment(runtime::state::container_directory(roots.state, id));
  return attachment ? *std::move(attachment) : runtime::network::Attachment();
}

std::map<std::string, std::string> network_ids_of(const Roots& roots,
                                                  const runtime::state::Record& record) {
  std::map<std::string, std::string> ids;
  for (const auto& endpoint : record.networks) {
    if (runtime::network::kind_of({endpoint}) != runtime::network::Kind::kMember) continue;
    const auto found = runtime::network::read(runtime::state::places_of(roots), endpoint.network);
    if (found) ids[endpoint.network] = found->id;
  }
  return ids;
}

Result<print::Json> container_of(const Roots& roots, const std::string& word, bool sizes) {
  namespace state = runtime::state;
  TRY(const std::string id, state::find(roots, word));
  TRY(const auto container, state::Container::open(roots, id));
  TRY(auto record, runtime::lifecycle::record_of(container));
  // A foreground run that has just begun or ended, or one of an older kind, has none.
  const auto spec = container.read_spec();
  const list::Entry entry = list::entry_of(roots, {record, {}});
  std::optional<std::uint64_t> size;
  if (sizes) size = runtime::lifecycle::tree_size(container.upper());
  return runtime::lifecycle::inspect_document({.roots = roots,
                                               .record = record,
                                               .state = entry.state,
                                               .status = entry.status,
                                               .spec = spec ? *spec : runtime::oci::Spec{},
                                               .size = size,
                                               .attachment = attachment_of(roots, id),
                                               .network_ids = network_ids_of(roots, record)});
}

Result<print::Json> volume_of(const Roots& roots, const std::string& word) {
  TRY(const auto store, rootfs::volume::VolumeStore::open(roots.data));
  auto volume = store.find(word);
  if (!volume) return Failure(plain_error(std::move(volume).error()));
  return volume_document(*volume, store.data(word));
}

Result<print::Json> network_of(const Roots& roots, const std::string& word) {
  auto network = runtime::lifecycle::find_network(roots, word);
  if (!network) return Failure(plain_network_error(std::move(network).error()));
  return network_document(*network, runtime::lifecycle::network_members(roots));
}

bool is_missing(const Error& error) { return error.operation.starts_with("no such "); }

// A container before an image, that before a network, and that before a volume, as Docker looks for
// them.
Result<print::Json> document_of(const Roots& roots, const std::string& word, const Typed& typed) {
  if (typed.type == "image") return image_of(roots, word);
  if (typed.type == "network") return network_of(roots, word);
  if (typed.type == "volume") return volume_of(roots, word);
  auto container = container_of(roots, word, typed.sizes);
  if (typed.type == "container" || container || !is_missing(container.error())) return container;
  auto image = image_of(roots, word);
  if (image) return image;
  auto network = network_of(roots, word);
  if (network) return network;
  auto volume = volume_of(roots, word);
  if (volume) return volume;
  // A word that cannot be an image's name is as good as missing, too.
  return fail("no such object: {}", word);
}

struct Found {
  std::vector<print::Json> documents;
  int status = 0;
};

Found find_all(const VerbCall& call, const Roots& roots, const std::vector<std::string>& words,
               const Typed& typed) {
  Found found;
  for (const std::string& word : words) {
    auto document = document_of(roots, word, typed);
    if (document) {
      found.documents.push_back(*std::move(document));
      continue;
    }
    found.status = 1;
    tell(print::error_text(call.path, document.error()));
  }
  return found;
}

Result<std::string> formatted(const std::vector<print::Json>& documents,
                              const print::Template& format) {
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  std::string text;
  for (const print::Json& document : documents) {
    TRY(const std::string line, format.execute(document, {.visible = terminal}));
    text += line + "\n";
  }
  return text;
}

Result<void> check_type(const std::string& type) {
  constexpr std::string_view kOthers[] = {"config", "node", "plugin", "secret", "service", "task"};
  constexpr std::string_view kKnown[] = {"", "container", "image", "network", "volume"};
  if (std::ranges::find(kKnown, type) != std::end(kKnown)) return {};
  if (std::ranges::find(kOthers, type) == std::end(kOthers)) {
    return fail("\"{}\" is not a valid value for --type", type);
  }
  return fail("objects of the type \"{}\" are not there yet", type);
}

}  // namespace

Result<int> inspect_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.least = 1}));
  if (!words) return 0;
  TRY_VOID(check_type(typed.type));
  if (call.path.starts_with("container ")) typed.type = "container";
  if (call.path.starts_with("image ")) typed.type = "image";
  const bool as_json = typed.format.empty() || typed.format == "json";
  TRY(const auto format,
      print::Template::parse(as_json ? "" : print::unescape_format(typed.format)));
  TRY(const auto roots, roots_of(call));
  const Found found = find_all(call, roots, *words, typed);
  if (as_json) {
    const print::Json all(found.documents);
    TRY_VOID(
        say((typed.format.empty() ? print::json_indented(all) : print::json_line(all)) + "\n"));
  } else {
    TRY(const std::string text, formatted(found.documents, format));
    TRY_VOID(say(text));
  }
  return found.status;
}

}  // namespace mycontainer::cmd
