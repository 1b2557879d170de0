// Giving an image to a registry. Parent side.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "rootfs/image/store.h"
#include "runtime/images/pull.h"

namespace mycontainer::runtime::images {

// Layers that are not compressed yet are compressed (gzip, all processors) and the image has the
// manifest that names these from then on: what is here and what is there have the same digest.
// Returns that digest.
Result<rootfs::content::Digest> push(const std::string& data_root, const std::string& word,
                                     const RegistryOptions& options, const Report& report);

}  // namespace mycontainer::runtime::images
