#include "tests/fuzz/exercise_image.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "rootfs/image/config.h"
#include "rootfs/image/descriptor.h"
#include "rootfs/image/platform.h"
#include "rootfs/image/reference.h"

namespace mycontainer::fuzz {
namespace {

using namespace rootfs::image;

Outcome refused(const Error& error) {
  // A user reads it: one line of bounded length, whatever came in.
  if (error.message().size() > 4096) return {error.message(), "the refusal is longer than a page"};
  return {error.message(), {}};
}
Outcome found(std::string what) { return {{}, std::move(what)}; }

bool hides(const std::string& text) { return text.find('\0') != std::string::npos; }

bool leads_out(std::string_view path) {
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return true;
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
}

bool is_whole(const Digest& digest) {
  const auto again = Digest::parse(digest.text());
  return again && *again == digest;
}

// "" when nothing is wrong with it.
std::string defect_of(const Descriptor& descriptor) {
  if (!is_whole(descriptor.digest)) return "a descriptor without a whole digest";
  if (hides(descriptor.media_type)) return "a media type with a zero byte";
  if (!descriptor.platform) return "";
  const Platform& platform = *descriptor.platform;
  if (!matches(platform, platform)) return "a platform that is not its own: " + to_text(platform);
  // As text only words without a "/" are told apart.
  const bool is_plain = platform.os.find('/') == std::string::npos &&
                        platform.architecture.find('/') == std::string::npos;
  const auto again = parse_platform(to_text(platform));
  if (is_plain && again && !matches(*again, platform) && platform.os_version.empty()) {
    return "a platform that is another when read: " + to_text(platform);
  }
  return "";
}

std::string defect_of(const std::vector<Descriptor>& all) {
  for (const Descriptor& descriptor : all) {
    if (std::string defect = defect_of(descriptor); !defect.empty()) return defect;
  }
  return "";
}

constexpr std::array kManifestTypes = {std::string_view(), media_type::kOciManifest,
                                       media_type::kDockerManifest};
constexpr std::array kIndexTypes = {std::string_view(), media_type::kOciIndex,
                                    media_type::kDockerIndex};

// What one kind takes, under no name may the other kind take, too.
bool is_both(std::string_view text) {
  const bool manifest = std::ranges::any_of(
      kManifestTypes, [&](auto type) { return parse_manifest(text, type).has_value(); });
  const bool index = std::ranges::any_of(
      kIndexTypes, [&](auto type) { return parse_index(text, type).has_value(); });
  return manifest && index;
}

std::string defect_of(const Config& config) {
  const ContainerConfig& container = config.config;
  for (const std::string& entry : container.env) {
    if (entry.find('=') == std::string::npos) return "an environment entry without a value";
    if (hides(entry)) return "an environment entry with a zero byte";
  }
  for (const auto* words :
       {&container.entrypoint, &container.cmd, &container.volumes, &container.exposed_ports}) {
    if (std::ranges::any_of(*words, hides)) return "an argument or a path with a zero byte";
  }
  if (hides(container.user) || hides(container.working_directory)) return "a zero byte";
  if (!std::ranges::all_of(config.diff_ids, is_whole)) return "a diff id that is no digest";
  if (!std::ranges::is_sorted(container.volumes)) return "volumes in disorder";
  if (!std::ranges::is_sorted(container.exposed_ports)) return "ports in disorder";
  return "";
}

}  // namespace

Outcome exercise_reference(std::string_view text) {
  const auto reference = parse_reference(text);
  if (!reference) return refused(reference.error());
  const auto whole = parse_reference(reference->text());
  if (!whole || *whole != *reference) return found("another name when read again");
  const auto familiar = parse_reference(reference->familiar());
  if (!familiar || *familiar != *reference) return found("another name by its familiar form");
  if (reference->repository().size() > 255) return found("a name that is too long");
  if (leads_out(reference->path) || leads_out(reference->domain)) return found("a way out");
  if (reference->domain.find('/') != std::string::npos) return found("a domain with a path");
  if (!reference->digest.empty() && !is_whole(reference->digest)) return found("half a digest");
  const auto tagged = parse_tagged_reference(text);
  if (!tagged || (tagged->tag.empty() && tagged->digest.empty())) return found("no tag");
  return {};
}

Outcome exercise_manifest(std::string_view text) {
  if (is_both(text)) return found("a manifest that is an index, too");
  const auto manifest = parse_manifest(text);
  if (!manifest) return refused(manifest.error());
  if (std::string defect = defect_of(manifest->config); !defect.empty()) return found(defect);
  if (std::string defect = defect_of(manifest->layers); !defect.empty()) return found(defect);
  const std::string written = to_json(*manifest);
  const auto again = parse_manifest(written, manifest->media_type);
  if (!again || to_json(*again) != written) return found("another manifest when read again");
  const auto type = media_type_of(text);
  if (!type || *type != manifest->media_type) return found("another type when asked alone");
  return {};
}

Outcome exercise_index(std::string_view text) {
  if (is_both(text)) return found("an index that is a manifest, too");
  const auto index = parse_index(text);
  if (!index) return refused(index.error());
  if (std::string defect = defect_of(index->manifests); !defect.empty()) return found(defect);
  const std::string written = to_json(*index);
  const auto again = parse_index(written, index->media_type);
  if (!again || to_json(*again) != written) return found("another index when read again");
  const Descriptor* chosen = choose(index->manifests, {"linux", "amd64", {}});
  if (chosen != nullptr && index->manifests.size() > 1 && !chosen->platform) {
    return found("an entry without a platform was chosen among others");
  }
  return {};
}

Outcome exercise_image_config(std::string_view text) {
  const auto config = parse_config(text);
  if (!config) return refused(config.error());
  if (std::string defect = defect_of(*config); !defect.empty()) return found(defect);
  const std::string written = to_json(*config);
  const auto again = parse_config(written);
  if (!again) return found("no configuration when read again: " + again.error().message());
  if (to_json(*again) != written) return found("another configuration when read again");
  return {};
}

}  // namespace mycontainer::fuzz
