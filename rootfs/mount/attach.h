// Second half of a mount: the detached one gets its place in the root filesystem. Run by the child
// after the root was switched (or before, with the new root's descriptor: both work).
#pragma once

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "rootfs/mount/plan.h"

namespace mycontainer::rootfs::mount {

// Puts the mount `mount_fd` (from prepare(); not used by kRemount) at plan.destination below
// `rootfd`, resolved there and nowhere else, created when missing: openat2, move_mount, close.
// proc and sysfs are only put on a real directory, never through a link (CVE-2019-19921,
// CVE-2023-27561). The mount above the destination must not be shared, else the new one becomes so.
// A tmpfs without a mode option takes the mode of the directory it covers.
// Before kernel 5.12 this is also where a bind's attributes are set, through /proc/self/fd.
Result<void> attach(int rootfd, const MountPlan& plan, int mount_fd);

}  // namespace mycontainer::rootfs::mount
