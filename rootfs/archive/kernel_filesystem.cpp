#include "rootfs/archive/kernel_filesystem.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>

namespace mycontainer::rootfs::archive {

namespace {

// Those that linux/magic.h does not have, from the kernel's own sources.
constexpr unsigned long kConfigfs = 0x62656570, kMqueue = 0x19800202, kFusectl = 0x65735543,
                        kRdtgroup = 0x7655821;

constexpr std::array kMagics = {static_cast<unsigned long>(PROC_SUPER_MAGIC),
                                static_cast<unsigned long>(SYSFS_MAGIC),
                                static_cast<unsigned long>(CGROUP_SUPER_MAGIC),
                                static_cast<unsigned long>(CGROUP2_SUPER_MAGIC),
                                static_cast<unsigned long>(DEVPTS_SUPER_MAGIC),
                                static_cast<unsigned long>(DEBUGFS_MAGIC),
                                static_cast<unsigned long>(TRACEFS_MAGIC),
                                static_cast<unsigned long>(SECURITYFS_MAGIC),
                                static_cast<unsigned long>(BPF_FS_MAGIC),
                                static_cast<unsigned long>(PSTOREFS_MAGIC),
                                static_cast<unsigned long>(EFIVARFS_MAGIC),
                                static_cast<unsigned long>(SELINUX_MAGIC),
                                static_cast<unsigned long>(BINFMTFS_MAGIC),
                                static_cast<unsigned long>(NSFS_MAGIC),
                                kConfigfs,
                                kMqueue,
                                kFusectl,
                                kRdtgroup};

}  // namespace

bool on_kernel_filesystem(int fd) {
  struct statfs filesystem {};
  if (::fstatfs(fd, &filesystem) < 0) return false;
  return std::ranges::find(kMagics, static_cast<unsigned long>(filesystem.f_type)) != kMagics.end();
}

bool is_mount_root(int fd) {
  struct statx status {};
  if (::statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, 0, &status) < 0) return false;
  return (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

}  // namespace mycontainer::rootfs::archive
