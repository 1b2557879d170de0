#include "rootfs/mount/attach.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "reexec/sys/file.h"
#include "rootfs/mount/attributes.h"
#include "rootfs/mount/copy_up.h"
#include "rootfs/mount/filesystem_context.h"
#include "rootfs/path/create.h"
#include "rootfs/path/open.h"

namespace mycontainer::rootfs::mount {

namespace {

bool needs_real_directory(const MountPlan& plan) {
  return plan.kind == MountKind::kFilesystem && (plan.type == "proc" || plan.type == "sysfs");
}

Result<bool> is_directory(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) < 0) return fail_errno("stat the source");
  return S_ISDIR(status.st_mode);
}

// An existing destination costs one call; what a bind mount is matters only when it has none.
Result<UniqueFd> open_target(int rootfd, const MountPlan& plan, int mount_fd) {
  const bool is_filesystem = plan.kind == MountKind::kFilesystem;
  const bool no_link = needs_real_directory(plan) || plan.destination_nofollow;
  if (is_filesystem && !no_link) {
    return path::create_mount_target(rootfd, plan.destination, true);
  }
  const int flags = O_PATH | (is_filesystem ? O_DIRECTORY : 0) | (no_link ? O_NOFOLLOW : 0);
  auto target = path::open_in_root(rootfd, plan.destination, flags);
  if (target || target.error().code != ENOENT) return target;
  bool directory = true;
  if (!is_filesystem) {
    TRY(directory, is_directory(mount_fd));
  }
  return path::create_mount_target(rootfd, plan.destination, directory);
}

Failure explain(Error error, const MountPlan& plan) {
  if (error.code == ENOTDIR && needs_real_directory(plan)) {
    error.hint = plan.destination + " of the root filesystem must be a directory, not a link";
  }
  return within("mount " + plan.destination, std::move(error));
}

// Not from a directory that is only made for the mount.
Result<UniqueFd> open_model(int rootfd, const MountPlan& plan) {
  if (!takes_after_destination(plan)) return UniqueFd();
  auto model = path::open_in_root(rootfd, plan.destination, O_PATH | O_DIRECTORY);
  if (!model && model.error().code == ENOENT) return UniqueFd();
  return model;
}

Result<void> take_after(const MountPlan& plan, const UniqueFd& model, int mount_fd) {
  if (model && plan.copy_up) TRY_VOID(copy_up(model.get(), mount_fd));
  if (model) TRY_VOID(copy_attributes(plan, model.get(), mount_fd));
  if ((plan.attr_set & MOUNT_ATTR_RDONLY) == 0) return {};
  if (!kernel_has_mount_setattr()) return {};  // done by a remount, after the attaching
  return change_attributes(mount_fd, {MOUNT_ATTR_RDONLY, 0, 0, false});
}

Result<void> reconfigure(int mount_fd, const MountPlan& plan) {
  TRY(FilesystemContext context, FilesystemContext::pick(mount_fd));
  for (const std::string& option : plan.data) TRY_VOID(context.set(option));
  return context.reconfigure();
}

Result<void> change_existing(int rootfd, const MountPlan& plan) {
  TRY(UniqueFd target, path::open_in_root(rootfd, plan.destination, O_PATH));
  if (!plan.data.empty()) TRY_VOID(reconfigure(target.get(), plan));
  if (kernel_has_mount_setattr()) return apply_attributes(target.get(), plan);
  return apply_attributes_by_remount(target.get(), plan);
}

// A filesystem has its attributes from fsmount(2), except what had to wait for the copy.
Result<void> settle(const MountPlan& plan, int mount_fd) {
  if (plan.kind == MountKind::kBind) {
    if (kernel_has_mount_setattr()) return {};
    return apply_attributes_by_remount(mount_fd, plan);
  }
  if (takes_after_destination(plan) && !kernel_has_mount_setattr()) {
    return apply_attributes_by_remount(mount_fd, plan);
  }
  // A new mount is private.
  if (plan.propagation == 0 || plan.propagation == MS_PRIVATE) return {};
  return change_attributes(mount_fd, {0, 0, plan.propagation, plan.propagation_recursive});
}

Failure explain_move(int code, int target, int mount_fd) {
  Error error{"move_mount", code, {}, 0};
  const auto from = is_directory(mount_fd);
  const auto onto = is_directory(target);
  if (from && onto && *from != *onto) {
    error.hint = *from ? "a directory cannot be mounted on a file"
                       : "a file cannot be mounted on a directory";
  }
  return Failure(std::move(error));
}

// The target is open: nothing can take its place any more.
Result<void> refuse_kernel_filesystem(int target) {
  struct statfs filesystem {};
  if (::fstatfs(target, &filesystem) < 0) return fail_errno("statfs the destination");
  switch (filesystem.f_type) {
    case PROC_SUPER_MAGIC:
    case SYSFS_MAGIC:
    case CGROUP_SUPER_MAGIC:
    case CGROUP2_SUPER_MAGIC:
      return fail("a volume cannot cover the kernel's own files");
    default:
      return {};
  }
}

Result<void> attach_mount(int rootfd, const MountPlan& plan, int mount_fd) {
  TRY(const UniqueFd model, open_model(rootfd, plan));
  TRY(UniqueFd target, open_target(rootfd, plan, mount_fd));
  if (plan.off_kernel) TRY_VOID(refuse_kernel_filesystem(target.get()));
  if (takes_after_destination(plan)) TRY_VOID(take_after(plan, model, mount_fd));
  constexpr unsigned kFlags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  if (::move_mount(mount_fd, "", target.get(), "", kFlags) < 0) {
    return explain_move(errno, target.get(), mount_fd);
  }
  return settle(plan, mount_fd);
}

}  // namespace

Result<void> attach(int rootfd, const MountPlan& plan, int mount_fd) {
  auto done = plan.kind == MountKind::kRemount ? change_existing(rootfd, plan)
                                               : attach_mount(rootfd, plan, mount_fd);
  if (!done) return explain(std::move(done).error(), plan);
  return {};
}

}  // namespace mycontainer::rootfs::mount
