#include "rootfs/image/descriptor.h"

#include <algorithm>
#include <array>

#include "rootfs/image/json.h"

namespace mycontainer::rootfs::image {

namespace {

constexpr std::size_t kMaxLayers = 1000;
constexpr std::size_t kMaxManifests = 10000;

Result<Platform> platform_of(const Json& json) {
  Platform platform;
  if (!json.is_object()) return fail("\"platform\" is not an object");
  TRY_VOID(take(json, "os", platform.os));
  TRY_VOID(take(json, "architecture", platform.architecture));
  TRY_VOID(take(json, "variant", platform.variant));
  TRY_VOID(take(json, "os.version", platform.os_version));
  return platform;
}

Result<Descriptor> descriptor_of(const Json& json) {
  if (!json.is_object()) return fail("a descriptor is not an object");
  Descriptor descriptor;
  std::int64_t size = -1;
  TRY_VOID(take(json, "mediaType", descriptor.media_type));
  TRY_VOID(take(json, "digest", descriptor.digest));
  TRY_VOID(take(json, "size", size));
  if (size < 0) return fail("the descriptor of {} has no size", descriptor.digest.text());
  descriptor.size = static_cast<std::uint64_t>(size);
  TRY_VOID(take(json, "annotations", descriptor.annotations));
  if (const Json* platform = member(json, "platform")) {
    TRY(descriptor.platform, platform_of(*platform));
  }
  return descriptor;
}

Result<std::vector<Descriptor>> descriptors_of(const Json& json, const char* name,
                                               std::size_t limit) {
  const Json* list = member(json, name);
  std::vector<Descriptor> all;
  if (list == nullptr) return all;
  if (!list->is_array()) return fail("\"{}\" is not a list", name);
  if (list->size() > limit) return fail("more than {} {}", limit, name);
  for (const Json& element : *list) {
    TRY(Descriptor descriptor, descriptor_of(element));
    all.push_back(std::move(descriptor));
  }
  return all;
}

bool has(const Json& json, const char* name) { return member(json, name) != nullptr; }

// By its own words, and by what it has. Where these could be told apart in two ways, nobody can say
// which one the digest was meant for.
Result<std::string> type_of(const Json& json) {
  std::string type;
  TRY_VOID(take(json, "mediaType", type));
  std::int64_t version = 2;
  TRY_VOID(take(json, "schemaVersion", version));
  if (version == 1 || has(json, "fsLayers")) {
    return fail(
        "the image has Docker's schema 1, which nothing makes any more: push it again with "
        "a present-day engine");
  }
  if (version != 2) return fail("schema version {} is not known", version);
  const bool manifest = has(json, "config") || has(json, "layers");
  const bool index = has(json, "manifests");
  if (manifest && index) return fail("ambiguous: it has both \"manifests\" and \"layers\"");
  if (!manifest && !index) return fail("neither a manifest nor an index");
  if (type.empty()) type = index ? media_type::kOciIndex : media_type::kOciManifest;
  if (manifest != is_manifest(type) || index != is_index(type)) {
    return fail("ambiguous: it calls itself {}, but is {}", type.substr(0, 100),
                index ? "an index" : "a manifest");
  }
  return type;
}

struct Document {
  Json json;
  std::string media_type;
};

Result<Document> parse(std::string_view text, std::string_view media_type, const char* what) {
  TRY(Json json, parse_object(text, what));
  auto type = type_of(json);
  if (!type) return within(what, std::move(type).error());
  // "application/json", "text/plain": a server that does not know what it has.
  const bool tells = is_manifest(media_type) || is_index(media_type);
  if (tells && *type != media_type && has(json, "mediaType")) {
    return fail("{}: the sender calls it {}, it calls itself {}", what, media_type, *type);
  }
  if (tells && is_index(media_type) != is_index(*type)) {
    return fail("{}: ambiguous: the sender calls it {}", what, media_type);
  }
  if (tells) *type = media_type;
  return Document{std::move(json), std::move(*type)};
}

Json to_json_value(const Platform& platform) {
  Json json{{"os", platform.os}, {"architecture", platform.architecture}};
  if (!platform.variant.empty()) json["variant"] = platform.variant;
  if (!platform.os_version.empty()) json["os.version"] = platform.os_version;
  return json;
}

Json to_json_value(const Descriptor& descriptor) {
  Json json{{"mediaType", descriptor.media_type},
            {"digest", descriptor.digest.text()},
            {"size", descriptor.size}};
  if (!descriptor.annotations.empty()) json["annotations"] = descriptor.annotations;
  if (descriptor.platform) json["platform"] = to_json_value(*descriptor.platform);
  return json;
}

Json to_json_value(const std::vector<Descriptor>& descriptors) {
  Json json = Json::array();
  for (const Descriptor& descriptor : descriptors) json.push_back(to_json_value(descriptor));
  return json;
}

// Names of files and the like are bytes, and annotations may quote them.
std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

bool is_manifest(std::string_view media_type) {
  return media_type == media_type::kOciManifest || media_type == media_type::kDockerManifest;
}

bool is_index(std::string_view media_type) {
  return media_type == media_type::kOciIndex || media_type == media_type::kDockerIndex;
}

bool is_layer(std::string_view media_type) {
  constexpr std::array kSuffixes = {"", "+gzip", "+zstd", ".gzip", ".zstd"};
  return std::ranges::any_of(kSuffixes, [media_type](std::string_view suffix) {
    return media_type == std::string(media_type::kOciLayer) + std::string(suffix) ||
           media_type == std::string(media_type::kDockerLayer) + std::string(suffix);
  });
}

Result<std::string> media_type_of(std::string_view text) {
  TRY(const Json json, parse_object(text, "manifest"));
  return type_of(json);
}

Result<Manifest> parse_manifest(std::string_view text, std::string_view media_type) {
  TRY(const Document document, parse(text, media_type, "manifest"));
  if (!is_manifest(document.media_type)) return fail("manifest: it is an index");
  Manifest manifest;
  manifest.media_type = document.media_type;
  const Json* config = member(document.json, "config");
  if (config == nullptr) return fail("manifest: it has no configuration");
  auto parsed = descriptor_of(*config);
  if (!parsed) return within("manifest: configuration", std::move(parsed).error());
  manifest.config = std::move(*parsed);
  auto layers = descriptors_of(document.json, "layers", kMaxLayers);
  if (!layers) return within("manifest", std::move(layers).error());
  manifest.layers = std::move(*layers);
  TRY_VOID(take(document.json, "annotations", manifest.annotations));
  return manifest;
}

Result<Index> parse_index(std::string_view text, std::string_view media_type) {
  TRY(const Document document, parse(text, media_type, "index"));
  if (!is_index(document.media_type)) return fail("index: it is a manifest");
  Index index;
  index.media_type = document.media_type;
  auto manifests = descriptors_of(document.json, "manifests", kMaxManifests);
  if (!manifests) return within("index", std::move(manifests).error());
  index.manifests = std::move(*manifests);
  TRY_VOID(take(document.json, "annotations", index.annotations));
  return index;
}

std::string to_json(const Manifest& manifest) {
  Json json{{"schemaVersion", 2},
            {"mediaType", manifest.media_type},
            {"config", to_json_value(manifest.config)},
            {"layers", to_json_value(manifest.layers)}};
  if (!manifest.annotations.empty()) json["annotations"] = manifest.annotations;
  return dump(json);
}

std::string to_json(const Index& index) {
  Json json{{"schemaVersion", 2},
            {"mediaType", index.media_type},
            {"manifests", to_json_value(index.manifests)}};
  if (!index.annotations.empty()) json["annotations"] = index.annotations;
  return dump(json);
}

}  // namespace mycontainer::rootfs::image
