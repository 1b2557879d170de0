#include "rootfs/mount/attributes.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include <array>
#include <utility>

#include "reexec/sys/file.h"

namespace mycontainer::rootfs::mount {

namespace {

constexpr std::array<std::pair<std::uint64_t, unsigned long>, 5> kRemountFlags = {{
    {MOUNT_ATTR_RDONLY, MS_RDONLY},
    {MOUNT_ATTR_NOSUID, MS_NOSUID},
    {MOUNT_ATTR_NODEV, MS_NODEV},
    {MOUNT_ATTR_NOEXEC, MS_NOEXEC},
    {MOUNT_ATTR_NODIRATIME, MS_NODIRATIME},
}};

// What statvfs(3) reports under the values of the MS_ flags.
constexpr unsigned long kKeptFlags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NODIRATIME;

unsigned long atime_flag(std::uint64_t set, std::uint64_t clear, unsigned long present) {
  if ((clear & MOUNT_ATTR__ATIME) != 0) {
    if ((set & MOUNT_ATTR_NOATIME) != 0) return MS_NOATIME;
    return (set & MOUNT_ATTR_STRICTATIME) != 0 ? MS_STRICTATIME : MS_RELATIME;
  }
  if ((present & ST_NOATIME) != 0) return MS_NOATIME;
  return (present & ST_RELATIME) != 0 ? MS_RELATIME : MS_STRICTATIME;
}

// A remount states every flag, also those that stay.
Result<void> remount(int mount_fd, std::uint64_t set, std::uint64_t clear) {
  struct statvfs status {};
  if (::fstatvfs(mount_fd, &status) < 0) return fail_errno("statvfs");
  unsigned long flags = status.f_flag & kKeptFlags;
  for (const auto& [attribute, flag] : kRemountFlags) {
    if ((clear & attribute) != 0) flags &= ~flag;
    if ((set & attribute) != 0) flags |= flag;
  }
  flags |= atime_flag(set, clear, status.f_flag);
  const std::string path = sys::fd_path(mount_fd);
  if (::mount(nullptr, path.c_str(), nullptr, MS_REMOUNT | MS_BIND | flags, nullptr) == 0) {
    return {};
  }
  return fail_errno("remount");
}

}  // namespace

bool kernel_has_mount_setattr() {
  static const bool known = ::mount_setattr(-1, "", 0, nullptr, 0) == 0 || errno != ENOSYS;
  return known;
}

Result<void> change_attributes(int mount_fd, const AttributeChange& change) {
  struct mount_attr attributes {};
  attributes.attr_set = change.set;
  attributes.attr_clr = change.clear;
  attributes.propagation = change.propagation;
  const unsigned flags = AT_EMPTY_PATH | (change.recursive ? AT_RECURSIVE : 0);
  if (::mount_setattr(mount_fd, "", flags, &attributes, sizeof(attributes)) == 0) return {};
  return fail_errno("change mount attributes");
}

Result<void> apply_attributes(int mount_fd, const MountPlan& plan) {
  AttributeChange mine{plan.attr_set, plan.attr_clear, 0, false};
  AttributeChange tree{plan.tree_attr_set, plan.tree_attr_clear, 0, true};
  (plan.propagation_recursive ? tree : mine).propagation = plan.propagation;
  // A mount without others below it is its whole tree: one call does both.
  const bool has_tree_attributes = (tree.set | tree.clear) != 0;
  if (plan.kind == MountKind::kBind && !plan.recursive && !has_tree_attributes) {
    mine.propagation = plan.propagation;
    tree.propagation = 0;
  }
  for (const AttributeChange& change : {tree, mine}) {
    if ((change.set | change.clear | change.propagation) == 0) continue;
    TRY_VOID(change_attributes(mount_fd, change));
  }
  return {};
}

Result<void> apply_attributes_by_remount(int mount_fd, const MountPlan& plan) {
  if ((plan.tree_attr_set | plan.tree_attr_clear) != 0) {
    return fail_code(EOPNOTSUPP, "recursive mount options need Linux 5.12");
  }
  if ((plan.attr_set | plan.attr_clear) != 0) {
    TRY_VOID(remount(mount_fd, plan.attr_set, plan.attr_clear));
  }
  if (plan.propagation == 0) return {};
  const unsigned long flags = plan.propagation | (plan.propagation_recursive ? MS_REC : 0);
  if (::mount(nullptr, sys::fd_path(mount_fd).c_str(), nullptr, flags, nullptr) == 0) return {};
  return fail_errno("change mount propagation");
}

Result<void> idmap_mount(int mount_fd, int userns_fd, bool recursive) {
  struct mount_attr attributes {};
  attributes.attr_set = MOUNT_ATTR_IDMAP;
  attributes.userns_fd = static_cast<std::uint64_t>(userns_fd);
  const unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  if (::mount_setattr(mount_fd, "", flags, &attributes, sizeof(attributes)) == 0) return {};
  auto failed = fail_errno("map the owners of a bind mount");
  if (failed.value().code == EINVAL) {
    failed.value().hint = "the filesystem of the source does not support id-mapped mounts";
  }
  if (failed.value().code == EPERM) {
    failed.value().hint = "only root of the host may map the ids of what the host has mounted";
  }
  return failed;
}

}  // namespace mycontainer::rootfs::mount
