// Layers as a container with a user namespace of its own sees them: root of the container owns what
// root of the host owns. Run by whoever has a mount namespace of his own, its mounts private, and
// CAP_SYS_ADMIN outside of the container's user namespace.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "rootfs/layer/overlay.h"

namespace mycontainer::rootfs::layer {

// A detached idmapped clone of the directory's mount, without what is mounted below it.
Result<UniqueFd> shifted_clone(const std::string& directory, int user_namespace);

// overlay_mount of the layers' clones. Layers that lie below one directory, as those of an image do,
// share one clone of that: a clone for each takes the kernel's one lock for all mounts three times a
// layer (Netflix, "Mount Mayhem"). The clones cover what they are of in the caller's mount namespace,
// as overlayfs takes no detached ones.
Result<UniqueFd> shifted_overlay(OverlayRequest request, int user_namespace);

// The deepest directory that all are in or below: one itself when it is alone, "/" when there is no
// other. Pure.
std::string common_directory(const std::vector<std::string>& directories);

}  // namespace mycontainer::rootfs::layer
