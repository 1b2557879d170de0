// Changing what "/" is. Run by the child in its own mount namespace, in this order:
//   set_propagation("/", MS_SLAVE, true)   nothing done here reaches the host
//   attach_root(mount)                     the new root gets a place: on top of the old "/"
//   enter_root(mount)                      "/" is the new root; the old one lies on top, hidden
//   detach_old_root()                      the old one is gone
// Between enter_root and detach_old_root the working directory must not change.
#pragma once

#include <cstdint>
#include <string>

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::mount {

// Sets the propagation (MS_PRIVATE, MS_SLAVE, MS_SHARED or MS_UNBINDABLE) of the mount at `path`.
Result<void> set_propagation(const std::string& path, std::uint64_t propagation, bool recursive);

// Attaches a detached mount over the caller's present "/", where pivot_root(2) can take it from
// without any directory being made for it.
Result<void> attach_root(int mount_fd);

// The same at a directory of the host's tree, for programs that must find it there before the
// pivot.
Result<void> attach_root_at(int mount_fd, const std::string& directory);

// fchdir, then pivot_root(".", ".") (pivot_root(2), "pivot_root(".", ".")"): `root_fd` must be the
// top of an attached mount (EBUSY or EINVAL otherwise). EINVAL also where the host's own root is
// the initramfs.
Result<void> enter_root(int root_fd);

// Instead of enter_root and detach_old_root where "/" is the initramfs: the old root stays, below
// the new one, and only a chroot(2) keeps the container from it.
Result<void> enter_root_by_chroot(int root_fd);

// Detaches what enter_root put aside, with every mount below it.
Result<void> detach_old_root();

}  // namespace mycontainer::rootfs::mount
