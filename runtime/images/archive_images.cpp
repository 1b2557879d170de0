#include "runtime/images/archive_images.h"

#include <algorithm>
#include <map>
#include <set>

#include "rootfs/archive/unpack.h"

namespace mycontainer::runtime::images {

namespace {

namespace image = rootfs::image;
using image::Descriptor;
using image::Platform;
using rootfs::content::BlobStore;
using rootfs::content::Digest;

constexpr const char* kDockerManifest = "manifest.json";
constexpr const char* kOciIndex = "index.json";
constexpr const char* kRefName = "org.opencontainers.image.ref.name";
constexpr const char* kContainerdName = "io.containerd.image.name";
constexpr const char* kAttestation = "vnd.docker.reference.type";
constexpr int kMaxNesting = 4;

std::string annotation(const Descriptor& descriptor, const char* name) {
  const auto found = descriptor.annotations.find(name);
  return found == descriptor.annotations.end() ? std::string() : found->second;
}

// podman names an image that it saves by its id "sha256:...". As a name that could be taken for the
// id of another image.
bool is_like_an_id(const image::Reference& reference) {
  return reference.repository() == "docker.io/library/sha256";
}

// What podman and skopeo go by, too. A reference that is only a tag cannot be told from a short
// name; one that is neither leaves the image nameless.
std::optional<std::string> name_of(const Descriptor& descriptor) {
  for (const char* key : {kContainerdName, kRefName}) {
    const auto reference = image::parse_tagged_reference(annotation(descriptor, key));
    if (!reference || !reference->digest.empty() || is_like_an_id(*reference)) continue;
    return reference->text();
  }
  return std::nullopt;
}

Result<std::string> bring_document(const ArchiveMembers& members, const BlobStore& blobs,
                                   const Descriptor& descriptor) {
  TRY(const StoredMember stored, members.bring(blob_member(descriptor.digest), descriptor.digest));
  if (stored.size != descriptor.size) {
    return fail("{} has {} bytes, not the {} it was declared with", descriptor.digest.text(),
                stored.size, descriptor.size);
  }
  return blobs.read(descriptor.digest);
}

// --- an OCI layout -------------------------------------------------------------------------------

// The manifest that an entry of the layout's index leads to; nothing: none is for the platform.
Result<std::optional<Descriptor>> manifest_below(const ArchiveMembers& members,
                                                 const BlobStore& blobs, Descriptor entry,
                                                 const Platform& wanted) {
  for (int level = 0; image::is_index(entry.media_type); ++level) {
    if (level == kMaxNesting) return fail("index.json: indexes are nested too deep");
    TRY(const std::string text, bring_document(members, blobs, entry));
    TRY(const image::Index index, image::parse_index(text, entry.media_type));
    const Descriptor* chosen = image::choose(index.manifests, wanted);
    if (chosen == nullptr) return std::optional<Descriptor>();
    entry = *chosen;
  }
  return std::optional(std::move(entry));
}

bool is_attestation(const Descriptor& descriptor) {
  return !annotation(descriptor, kAttestation).empty() ||
         (descriptor.platform && descriptor.platform->os == "unknown");
}

// Entries of one name for several platforms are one image; those without a name are each their own,
// unless they say that they differ in their platforms.
std::vector<std::vector<Descriptor>> by_name(const std::vector<Descriptor>& entries) {
  std::vector<std::vector<Descriptor>> groups;
  std::map<std::string, std::size_t> known;
  for (const Descriptor& entry : entries) {
    if (is_attestation(entry)) continue;
    const auto name = name_of(entry);
    if (!name && !entry.platform) {
      groups.push_back({entry});
      continue;
    }
    const auto [at, is_new] = known.emplace(name.value_or(""), groups.size());
    if (is_new) groups.emplace_back();
    groups[at->second].push_back(entry);
  }
  return groups;
}

Result<image::Index> read_index(const ArchiveMembers& members) {
  TRY(const std::string text, members.document(kOciIndex));
  auto index = image::parse_index(text);
  if (!index) return within(kOciIndex, std::move(index).error());
  return index;
}

// Whether the configuration, which alone tells for sure, is for the platform.
Result<bool> is_for(const BlobStore& blobs, const Digest& config_digest, const Platform& wanted) {
  TRY(const std::string text, blobs.read(config_digest));
  TRY(const image::Config config, image::parse_config(text));
  return image::matches(wanted, config.platform);
}

Result<std::vector<ArchivedImage>> images_of_layout(const ArchiveMembers& members,
                                                    const BlobStore& blobs,
                                                    const std::optional<Platform>& platform) {
  TRY(const image::Index index, read_index(members));
  const Platform wanted = platform ? *platform : image::host_platform();
  std::vector<ArchivedImage> all;
  for (const auto& group : by_name(index.manifests)) {
    const Descriptor* entry = group.size() == 1 ? group.data() : image::choose(group, wanted);
    if (entry == nullptr) continue;
    TRY(auto manifest, manifest_below(members, blobs, *entry, wanted));
    if (!manifest) continue;
    if (platform) {
      TRY(const std::string text, bring_document(members, blobs, *manifest));
      TRY(const image::Manifest parsed, image::parse_manifest(text, manifest->media_type));
      TRY(const std::string config, bring_document(members, blobs, parsed.config));
      TRY(const bool fits, is_for(blobs, parsed.config.digest, *platform));
      if (!fits) continue;
    }
    ArchivedImage& added = all.emplace_back();
    if (auto name = name_of(*entry)) added.names.push_back(std::move(*name));
    added.manifest = std::move(*manifest);
  }
  return all;
}

// The manifests of a layout by the digests of their configurations. What cannot be read is not
// among them: the images can be put together without. Each document is read once, or indexes that
// name each other ten thousand times would keep us for years.
void add_manifests(const ArchiveMembers& members, const BlobStore& blobs,
                   const std::vector<Descriptor>& entries, int level, std::set<Digest>& seen,
                   std::map<Digest, Descriptor>& all) {
  for (const Descriptor& entry : entries) {
    if (!members.has(blob_member(entry.digest)) || !seen.insert(entry.digest).second) continue;
    const auto text = bring_document(members, blobs, entry);
    if (!text) continue;
    if (const auto manifest = image::parse_manifest(*text, entry.media_type)) {
      all.emplace(manifest->config.digest, entry);
    } else if (const auto index = image::parse_index(*text, entry.media_type);
               index && level < kMaxNesting) {
      add_manifests(members, blobs, index->manifests, level + 1, seen, all);
    }
  }
}

// --- a docker-archive ----------------------------------------------------------------------------

Result<std::string> clean_name(const std::string& name) {
  auto clean = rootfs::archive::clean_member_path(name);
  if (!clean) return within(kDockerManifest, std::move(clean).error());
  return clean;
}

Result<ArchivedImage> archived_image(const image::DockerArchiveImage& listed) {
  ArchivedImage made;
  TRY(made.parts.config, clean_name(listed.config));
  for (const std::string& layer : listed.layers) {
    TRY(std::string name, clean_name(layer));
    made.parts.layers.push_back(std::move(name));
  }
  for (const std::string& tag : listed.tags) {
    const auto reference = image::parse_tagged_reference(tag);
    if (!reference || !reference->digest.empty()) {
      return fail("manifest.json: \"{}\" is no name of an image", tag.substr(0, 300));
    }
    if (!is_like_an_id(*reference)) made.names.push_back(reference->text());
  }
  return made;
}

Result<std::vector<ArchivedImage>> images_of_docker(const ArchiveMembers& members,
                                                    const BlobStore& blobs,
                                                    const std::optional<Platform>& platform) {
  TRY(const std::string text, members.document(kDockerManifest));
  TRY(const auto listed, image::parse_docker_archive(text));
  std::map<Digest, Descriptor> manifests;
  if (members.has(kOciIndex)) {
    TRY(const image::Index index, read_index(members));
    std::set<Digest> seen;
    add_manifests(members, blobs, index.manifests, 0, seen, manifests);
  }
  std::vector<ArchivedImage> all;
  for (const image::DockerArchiveImage& one : listed) {
    TRY(ArchivedImage made, archived_image(one));
    TRY(const StoredMember config,
        members.bring(made.parts.config, digest_of_member(made.parts.config)));
    if (platform) {
      TRY(const bool fits, is_for(blobs, config.digest, *platform));
      if (!fits) continue;
    }
    const auto manifest = manifests.find(config.digest);
    if (manifest != manifests.end()) made.manifest = manifest->second;
    all.push_back(std::move(made));
  }
  return all;
}

}  // namespace

Result<std::vector<ArchivedImage>> images_in(const ArchiveMembers& members, const BlobStore& blobs,
                                             const std::optional<Platform>& platform) {
  const bool docker = members.has(kDockerManifest), oci = members.has(kOciIndex);
  if (!docker && !oci) {
    return Failure(
        Error{"this is no archive of images: it has neither manifest.json nor index.json", 0,
              "the tar file of a root filesystem is taken by `mycontainer import`"});
  }
  std::vector<ArchivedImage> all;
  if (docker) {
    TRY(all, images_of_docker(members, blobs, platform));
  }
  // A list for one platform beside an index for several.
  if (all.empty() && oci) {
    TRY(all, images_of_layout(members, blobs, platform));
  }
  if (!all.empty()) return all;
  const Platform wanted = platform ? *platform : image::host_platform();
  return fail("the archive has no image for {}", image::to_text(wanted));
}

}  // namespace mycontainer::runtime::images
