#include "runtime/lifecycle/prune.h"

#include <array>

#include "cmd/confirm.h"
#include "cmd/image_text.h"
#include "cmd/network_text.h"
#include "cmd/options/members.h"
#include "cmd/options/timestamp.h"
#include "cmd/print/error.h"
#include "cmd/print/units.h"
#include "cmd/verbs.h"
#include "cmd/volume_text.h"

namespace mycontainer::cmd {
namespace {

using options::Option;
using runtime::lifecycle::LabelFilter;

struct Typed {
  bool force = false, all = false, volumes = false, images = false, networks = false;
  runtime::lifecycle::PruneFilter filter;
  std::vector<std::string> filters;  // as typed
};

LabelFilter label_of(std::string_view text) {
  const std::size_t equals = text.find('=');
  LabelFilter label{std::string(text.substr(0, equals)), {}};
  if (equals != std::string_view::npos) label.value = text.substr(equals + 1);
  return label;
}

Result<void> add_filter(Typed& typed, std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return fail("bad format of filter (expected name=value)");
  const std::string_view name = text.substr(0, equals), value = text.substr(equals + 1);
  typed.filters.emplace_back(text);
  if (name == "label") {
    typed.filter.labels.push_back(label_of(value));
  } else if (name == "label!") {
    typed.filter.without_labels.push_back(label_of(value));
  } else if (name == "until" && !typed.filter.until) {
    TRY(typed.filter.until, options::parse_timestamp(value, runtime::state::now()));
  } else {
    return name == "until" ? fail("more than one until filter specified")
                           : fail("invalid filter '{}'", name);
  }
  return {};
}

constexpr Option kFilter{"filter", 0, "filter",
                         "Provide filter values (e.g. \"until=<timestamp>\")",
                         options::apply<Typed, add_filter>};
constexpr Option kForce{"force", 'f', "", "Do not prompt for confirmation",
                        options::flag<&Typed::force>};
constexpr std::array kContainerOptions = {kFilter, kForce};
constexpr std::array kSystemOptions = {
    Option{"all", 'a', "", "Remove all unused images not just dangling ones",
           options::flag<&Typed::all>},
    kFilter,
    kForce,
    Option{"volumes", 0, "", "Prune anonymous volumes", options::flag<&Typed::volumes>},
};

// The filters of labels are for volumes, too.
Result<runtime::lifecycle::VolumesPruned> prune_volumes(const runtime::state::Roots& roots,
                                                        const Typed& typed) {
  if (!typed.volumes) return runtime::lifecycle::VolumesPruned();
  return runtime::lifecycle::prune_volumes(
      roots,
      {.all = false, .labels = typed.filter.labels, .without_labels = typed.filter.without_labels});
}

// All the filters are for networks, too.
Result<runtime::lifecycle::NetworksPruned> prune_networks(const runtime::state::Roots& roots,
                                                          const Typed& typed) {
  if (!typed.networks) return runtime::lifecycle::NetworksPruned();
  return runtime::lifecycle::prune_networks(
      roots, {typed.filter.until, typed.filter.labels, typed.filter.without_labels});
}

struct ImagesPruned {
  runtime::images::Removed removed;
  std::uint64_t bytes = 0;
};

// After the containers: those that these were made from are no longer used.
Result<ImagesPruned> prune_images(const runtime::state::Roots& roots, const Typed& typed) {
  ImagesPruned pruned;
  if (!typed.images) return pruned;
  const auto takes = [&](const runtime::images::Entry& entry) {
    runtime::state::Record record;
    record.labels = entry.config.config.labels;
    record.created = entry.created;
    return runtime::lifecycle::matches(typed.filter, record);
  };
  TRY(pruned.removed, runtime::images::prune(roots, typed.all, takes));
  TRY(const auto swept, runtime::images::sweep(roots));
  pruned.bytes = swept.bytes;
  return pruned;
}

Result<int> remove_idle_containers(const VerbCall& call, const Typed& typed) {
  TRY(const auto roots, roots_of(call));
  TRY(const auto pruned, runtime::lifecycle::prune(roots, typed.filter));
  std::string text;
  if (!pruned.ids.empty()) {
    text = "Deleted Containers:\n";
    for (const std::string& id : pruned.ids) text += id + "\n";
    text += "\n";
  }
  TRY(const auto networks, prune_networks(roots, typed));
  text += networks_pruned_text(networks);
  TRY(const auto volumes, prune_volumes(roots, typed));
  text += volumes_pruned_text(volumes);
  TRY(const auto images, prune_images(roots, typed));
  text += images_pruned_text(images.removed);
  const std::string size = print::human_size(pruned.bytes + volumes.bytes + images.bytes);
  TRY_VOID(say(text + "Total reclaimed space: " + size + "\n"));
  for (const Error& error : pruned.failed) tell(print::error_text(call.path, error));
  for (const Error& error : networks.failed) tell(print::error_text(call.path, error));
  for (const Error& error : volumes.failed) tell(print::error_text(call.path, error));
  return pruned.failed.empty() && networks.failed.empty() && volumes.failed.empty() ? 0 : 1;
}

std::string system_warning(const Typed& typed) {
  std::string text =
      "WARNING! This will remove:\n  - all stopped containers\n"
      "  - all networks not used by at least one container\n";
  if (typed.volumes) text += "  - all anonymous volumes not used by at least one container\n";
  text += typed.all ? "  - all images without at least one container associated to them\n"
                    : "  - all dangling images\n";
  if (!typed.filters.empty()) text += "\n  Items to be pruned will be filtered with:\n";
  for (const std::string& filter : typed.filters) text += "  - " + filter + "\n";
  return text + "\n";
}

}  // namespace

Result<int> container_prune_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kContainerOptions, &typed, {.most = 0}));
  if (!words) return 0;
  if (!typed.force) {
    TRY(const bool yes, is_confirmed("WARNING! This will remove all stopped containers.\n"));
    if (!yes) return 0;
  }
  return remove_idle_containers(call, typed);
}

Result<int> system_prune_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kSystemOptions, &typed, {.most = 0}));
  if (!words) return 0;
  typed.images = true;
  typed.networks = true;
  if (typed.volumes && typed.filter.until) {
    return fail("the \"until\" filter is not supported with \"--volumes\"");
  }
  if (!typed.force) {
    TRY(const bool yes, is_confirmed(system_warning(typed)));
    if (!yes) return 0;
  }
  return remove_idle_containers(call, typed);
}

}  // namespace mycontainer::cmd
