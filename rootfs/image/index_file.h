// index.json: the images of the store as an OCI image index, one descriptor for each name of each
// image. Private to rootfs/image; pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/store.h"

namespace mycontainer::rootfs::image {

// The name is the annotation that skopeo and umoci go by too; what else an image has are annotations
// of our own.
inline constexpr const char* kRefName = "org.opencontainers.image.ref.name";
inline constexpr const char* kImageId = "io.mycontainer.image.id";
inline constexpr const char* kRepoDigests = "io.mycontainer.repo.digests";  // separated by spaces

// Descriptors that are not ours (without kImageId) are an error: somebody else wrote here.
Result<std::vector<Image>> images_from_index(std::string_view text);
std::string index_of(const std::vector<Image>& images);

}  // namespace mycontainer::rootfs::image
