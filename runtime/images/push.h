// Giving an image to a registry. Parent side.
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/store.h"
#include "runtime/images/pull.h"

namespace mycontainer::runtime::images {

// Layers that are not compressed yet are compressed (gzip, all processors) and the image has the
// manifest that names these from then on: what is here and what is there have the same digest.
// What the registry has is not sent again, what another repository there has is mounted. Four blobs
// at a time. Returns that digest; the image is known by it afterwards (its repo digests).
Result<rootfs::content::Digest> push(const std::string& data_root, const std::string& word,
                                     const RegistryOptions& options, const Report& report);

// The names of the images here that are tags of the repository that `word` names, sorted.
Result<std::vector<std::string>> tags_of(const std::string& data_root, const std::string& word);

}  // namespace mycontainer::runtime::images
