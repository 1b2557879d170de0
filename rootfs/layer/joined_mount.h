// An overlay of more layers than fsconfig(2) takes as one string. Private to rootfs/layer.
#pragma once

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "rootfs/layer/overlay.h"

namespace mycontainer::rootfs::layer {

// As overlay_mount, for kernels before 6.8 (lowerdir+). mount(2) takes a page of options, and with
// /proc/self/fd as the working directory a layer's name is its descriptor's number: room for 800.
// The mount lies on the process's own "/" for a moment, where nobody sees it, in a mount namespace
// whose mounts do not propagate.
Result<UniqueFd> joined_mount(const OverlayRequest& request);

}  // namespace mycontainer::rootfs::layer
