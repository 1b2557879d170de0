// What the documents of an image are: descriptors, manifests, indexes (OCI image-spec descriptor.md,
// manifest.md, image-index.md; Docker's schema 2 forms of the same). Any process.
//
// All of it is somebody else's text. Parsing is bounded in size, depth and number, digests are
// strict, and a document that could be read as two things at once (CVE-2021-41190) is refused.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/content/digest.h"

namespace mycontainer::rootfs::image {

using content::Digest;
using StringMap = std::map<std::string, std::string>;

namespace media_type {
inline constexpr std::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kOciConfig = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kOciLayer =
    "application/vnd.oci.image.layer.v1.tar";  // also +gzip, +zstd
inline constexpr std::string_view kDockerManifest =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerIndex =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kDockerConfig = "application/vnd.docker.container.image.v1+json";
inline constexpr std::string_view kDockerLayer =
    "application/vnd.docker.image.rootfs.diff.tar";  // also .gzip
inline constexpr std::string_view kDockerSchema1 =
    "application/vnd.docker.distribution.manifest.v1+prettyjws";
}  // namespace media_type

bool is_manifest(std::string_view media_type);
bool is_index(std::string_view media_type);
// Tar layers, plain or compressed; "foreign" and non-distributable ones are not among them.
bool is_layer(std::string_view media_type);

struct Platform {
  std::string os, architecture, variant;
  std::string os_version = {};
  friend bool operator==(const Platform&, const Platform&) = default;
};

struct Descriptor {
  std::string media_type;
  Digest digest;
  std::uint64_t size = 0;
  StringMap annotations = {};
  std::optional<Platform> platform = {};  // in an index
  friend bool operator==(const Descriptor&, const Descriptor&) = default;
};

struct Manifest {
  std::string media_type;
  Descriptor config;
  std::vector<Descriptor> layers;  // the lowest first
  StringMap annotations = {};
};

struct Index {
  std::string media_type;
  std::vector<Descriptor> manifests;
  StringMap annotations = {};
};

// The bounds: a document of at most 4 MiB and 64 levels, 1,000 layers, 10,000 manifests.
// `media_type` is what the sender called it ("" when nobody did): a document that says otherwise
// about itself is an error. Docker's schema 1 is an error that says so.
Result<Manifest> parse_manifest(std::string_view text, std::string_view media_type = {});
Result<Index> parse_index(std::string_view text, std::string_view media_type = {});
// What a document is, by its own words or by what it has; for sources that name no type.
Result<std::string> media_type_of(std::string_view text);

std::string to_json(const Manifest& manifest);
std::string to_json(const Index& index);

}  // namespace mycontainer::rootfs::image
