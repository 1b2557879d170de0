#include "rootfs/mount/root.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "reexec/sys/syscalls.h"

namespace mycontainer::rootfs::mount {

Result<void> set_propagation(const std::string& path, std::uint64_t propagation, bool recursive) {
  const unsigned long flags = propagation | (recursive ? MS_REC : 0);
  if (::mount(nullptr, path.c_str(), nullptr, flags, nullptr) == 0) return {};
  return fail_errno("set the mount propagation of {}", path);
}

Result<void> attach_root_at(int mount_fd, const std::string& directory) {
  const char* path = directory.c_str();
  if (::move_mount(mount_fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) == 0) return {};
  return fail_errno("mount the root filesystem on {}", directory);
}

Result<void> attach_root(int mount_fd) { return attach_root_at(mount_fd, "/"); }

Result<void> enter_root(int root_fd) {
  if (::fchdir(root_fd) < 0) return fail_errno("enter the root filesystem");
  if (reexec::sys::pivot_root(".", ".") == 0) return {};
  auto failed = fail_errno("pivot_root");
  if (failed.value().code == EINVAL) {
    failed.value().hint =
        "pivot_root needs a root that is a mount below another: a machine that still runs from its "
        "initramfs cannot do it";
  }
  return failed;
}

Result<void> enter_root_by_chroot(int root_fd) {
  if (::fchdir(root_fd) < 0 || ::chroot(".") < 0 || ::chdir("/") < 0) {
    return fail_errno("chroot to the root filesystem");
  }
  return {};
}

Result<void> detach_old_root() {
  if (::umount2(".", MNT_DETACH) < 0) return fail_errno("detach the old root");
  if (::chdir("/") < 0) return fail_errno("chdir /");
  return {};
}

}  // namespace mycontainer::rootfs::mount
