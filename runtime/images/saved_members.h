// What an archive of images is made of: its members, in their order. Parent side; reads the store.
//
// The documents come first, then each image's manifest, configuration and layers, each blob once,
// as it is in the store: whoever reads the archive as a stream knows what the layers are for when
// they come. The same images give the same bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/platform.h"
#include "rootfs/image/store.h"

namespace mycontainer::runtime::images {

enum class SaveFormat : std::uint8_t {
  kDocker,         // what Docker writes since 25: an OCI layout with a manifest.json
  kDockerArchive,  // what it wrote before: manifest.json, <hex>.json, <hex>.tar
  kOciArchive,
  kOciDirectory,
};

struct SavedImage {
  rootfs::image::Image image;
  std::vector<std::string> names;  // of those it has, the ones that were asked for
};

// By what a user types. A repository without a tag stands for all of its tags; an ID for the image
// without a name. Each image once.
Result<std::vector<SavedImage>> images_to_save(
    const rootfs::image::ImageStore& store, const std::vector<std::string>& words,
    const std::optional<rootfs::image::Platform>& platform);

struct SavedMember {
  std::string name;            // "blobs/": a directory
  std::string text;            // its content, or
  rootfs::image::Digest blob;  // the blob that is
  std::uint64_t size = 0;
  [[nodiscard]] bool is_directory() const { return name.ends_with('/'); }
};

Result<std::vector<SavedMember>> members_of(const rootfs::image::ImageStore& store,
                                            const std::vector<SavedImage>& images,
                                            SaveFormat format);

}  // namespace mycontainer::runtime::images
