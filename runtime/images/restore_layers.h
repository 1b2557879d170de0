// The layers of a container that was made earlier: after a power failure they may be gone. Any
// process.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::images {

// Before a container that is not new starts. Moves aside what a crash may have spoilt
// (rootfs/layer/durability.h), which must not happen under a container that runs, and unpacks what is
// missing of its image (Record::image_id; empty: it has none) from the blobs. An error when the image
// itself is gone.
Result<void> restore_layers(const state::Roots& roots, const std::string& image_id);

}  // namespace mycontainer::runtime::images
