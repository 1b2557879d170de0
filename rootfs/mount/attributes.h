// The per-mount attributes (read-only, nosuid ...), propagation and id mapping of a mount that is
// held by descriptor. Run by the child, in the mount namespace the mount belongs to (or while it is
// detached).
#pragma once

#include <cstdint>

#include "reexec/sys/error.h"
#include "rootfs/mount/plan.h"

namespace mycontainer::rootfs::mount {

struct AttributeChange {
  std::uint64_t set = 0, clear = 0;  // MOUNT_ATTR_*
  std::uint64_t propagation = 0;     // MS_PRIVATE ... or 0
  bool recursive = false;
};

// True when the kernel has mount_setattr(2) (5.12); asked once.
bool kernel_has_mount_setattr();

// mount_setattr(2) on the mount that `mount_fd` is. ENOSYS before kernel 5.12.
Result<void> change_attributes(int mount_fd, const AttributeChange& change);

// What `plan` asks of its mount, with the fewest calls; none when it asks nothing.
Result<void> apply_attributes(int mount_fd, const MountPlan& plan);

// The same before kernel 5.12: the mount must be attached, and /proc mounted, as it remounts
// through /proc/self/fd. EOPNOTSUPP for attributes of a whole tree, which need mount_setattr.
Result<void> apply_attributes_by_remount(int mount_fd, const MountPlan& plan);

// Gives a detached bind mount the id mapping of the user namespace `userns_fd` (the options idmap
// and ridmap; runtime-spec "uidMappings"). Kernel 5.12; EINVAL when the filesystem cannot do it.
Result<void> idmap_mount(int mount_fd, int userns_fd, bool recursive);

}  // namespace mycontainer::rootfs::mount
