#include <array>

#include "cmd/options/members.h"
#include "cmd/options/registry_options.h"
#include "cmd/print/json.h"
#include "cmd/verbs.h"
#include "rootfs/image/descriptor.h"
#include "rootfs/image/reference.h"
#include "rootfs/registry/base64.h"
#include "rootfs/registry/client.h"
#include "rootfs/registry/configuration.h"
#include "rootfs/registry/keychain.h"

namespace mycontainer::cmd {
namespace {

using options::Option;
using print::Json;
using rootfs::image::Descriptor;
using rootfs::image::Reference;
using rootfs::registry::Client;
using rootfs::registry::FetchedManifest;

struct Typed {
  bool insecure = false, verbose = false;
  runtime::images::RegistryOptions registry;
};

constexpr std::array kOptions = {
    options::kAuthfile<&Typed::registry>,
    options::kCertDir<&Typed::registry>,
    Option{"insecure", 0, "", "Allow communication with an insecure registry",
           options::flag<&Typed::insecure>},
    options::kTlsVerify<&Typed::registry>,
    Option{"verbose", 'v', "", "Output additional info including layers and platform",
           options::flag<&Typed::verbose>},
};

// Where a reference's manifests are to be had, and the first answer.
struct Opened {
  Client client;
  FetchedManifest fetched;
};

Result<Opened> open_at(const rootfs::registry::Source& source, const Typed& typed) {
  TRY(const auto keychain, rootfs::registry::Keychain::open(typed.registry.authfile));
  TRY(auto credentials, keychain.find(source.reference.repository()));
  TRY(Client client, Client::open({.endpoint = source.endpoint,
                                   .repository = source.reference.path,
                                   .credentials = std::move(credentials)}));
  const std::string& tag = source.reference.tag;
  TRY(FetchedManifest fetched,
      client.manifest(source.reference.digest.empty() ? (tag.empty() ? "latest" : tag)
                                                      : source.reference.digest.text()));
  return Opened{std::move(client), std::move(fetched)};
}

// The first place that has it answers; what the last one says is the error.
Result<Opened> open_first(const Reference& reference, const Typed& typed) {
  rootfs::registry::Options transport = typed.registry.transport;
  if (typed.insecure) transport.tls_verify = false;
  TRY(const auto configuration, rootfs::registry::Configuration::load(transport));
  TRY(const auto sources, configuration.sources(reference, true));
  Error last;
  for (const auto& source : sources) {
    auto opened = open_at(source, typed);
    if (opened) return opened;
    last = std::move(opened).error();
  }
  if (last.code == ENOENT && last.operation.starts_with("manifest unknown")) {
    return fail("no such manifest: {}", reference.text());
  }
  if (last.code == EACCES || last.code == ENOENT) last.code = 0;
  return Failure(std::move(last));
}

Json descriptor_json(const Descriptor& descriptor) {
  Json json = {{"mediaType", descriptor.media_type},
               {"digest", descriptor.digest.text()},
               {"size", descriptor.size}};
  if (!descriptor.platform) return json;
  Json platform = {{"architecture", descriptor.platform->architecture},
                   {"os", descriptor.platform->os}};
  if (!descriptor.platform->os_version.empty()) {
    platform["os.version"] = descriptor.platform->os_version;
  }
  if (!descriptor.platform->variant.empty()) platform["variant"] = descriptor.platform->variant;
  json["platform"] = std::move(platform);
  return json;
}

// Docker's view of one image: its descriptor, and the manifest twice.
Result<Json> verbose_json(const std::string& name, const FetchedManifest& fetched,
                          Descriptor descriptor) {
  TRY_VOID(rootfs::image::parse_manifest(fetched.bytes, fetched.media_type));
  descriptor.media_type = fetched.media_type;
  descriptor.digest = fetched.digest;
  descriptor.size = fetched.bytes.size();
  const bool is_oci = fetched.media_type == rootfs::image::media_type::kOciManifest;
  return Json{
      {"Ref", name},
      {"Descriptor", descriptor_json(descriptor)},
      {"Raw", rootfs::registry::to_base64(fetched.bytes)},
      {is_oci ? "OCIManifest" : "SchemaV2Manifest", Json::parse(fetched.bytes, nullptr, false)}};
}

// Of a single image the platform stands in its configuration.
Result<Descriptor> with_platform(Client& client, const FetchedManifest& fetched) {
  constexpr std::uint64_t kMaxConfig = std::uint64_t{8} << 20;
  TRY(const auto manifest, rootfs::image::parse_manifest(fetched.bytes, fetched.media_type));
  if (manifest.config.size > kMaxConfig) return fail("the image's configuration is too large");
  std::string text;
  TRY_VOID(client.fetch_blob(manifest.config, 0,
                             {[&](std::string_view bytes) -> Result<void> {
                                text += bytes;
                                return {};
                              },
                              [&]() -> Result<void> {
                                text.clear();
                                return {};
                              }}));
  if (rootfs::content::digest_of(text) != manifest.config.digest &&
      manifest.config.digest.kind() == rootfs::content::Algorithm::kSha256) {
    return fail("the image's configuration has another digest");
  }
  TRY(const auto config, rootfs::image::parse_config(text));
  Descriptor descriptor;
  descriptor.platform = config.platform;
  return descriptor;
}

Result<Json> verbose_list(Opened& opened, const Reference& reference) {
  TRY(const auto index,
      rootfs::image::parse_index(opened.fetched.bytes, opened.fetched.media_type));
  Json list = Json::array();
  for (const Descriptor& entry : index.manifests) {
    TRY(const FetchedManifest one, opened.client.manifest(entry.digest.text()));
    const std::string name = reference.repository() + "@" + entry.digest.text();
    TRY(Json json, verbose_json(name, one, entry));
    list.push_back(std::move(json));
  }
  return list;
}

Result<std::string> text_of(Opened& opened, const Reference& reference, bool verbose) {
  const FetchedManifest& fetched = opened.fetched;
  const bool is_list = rootfs::image::is_index(fetched.media_type);
  if (verbose && is_list) {
    TRY(const Json list, verbose_list(opened, reference));
    return print::json_indented(list, 1, '\t');
  }
  if (verbose) {
    TRY(const Descriptor descriptor, with_platform(opened.client, fetched));
    TRY(const Json json, verbose_json(reference.text(), fetched, descriptor));
    return print::json_indented(json, 1, '\t');
  }
  // Parsed first: what is printed is bounded in depth and what it says it is.
  if (is_list) {
    TRY_VOID(rootfs::image::parse_index(fetched.bytes, fetched.media_type));
  } else {
    TRY_VOID(rootfs::image::parse_manifest(fetched.bytes, fetched.media_type));
  }
  const Json document = Json::parse(fetched.bytes, nullptr, false);
  return is_list ? print::json_indented(document, 3) : print::json_indented(document, 1, '\t');
}

}  // namespace

// Docker's MANIFEST_LIST is one that was made here with `manifest create`; there are none.
Result<int> manifest_inspect_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {1, 2}));
  if (!words) return 0;
  TRY(const Reference reference, rootfs::image::parse_tagged_reference(words->back()));
  TRY(Opened opened, open_first(reference, typed));
  TRY(const std::string text, text_of(opened, reference, typed.verbose));
  TRY_VOID(say(text + "\n"));
  return 0;
}

}  // namespace mycontainer::cmd
