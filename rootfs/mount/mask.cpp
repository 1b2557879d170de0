#include "rootfs/mount/mask.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "rootfs/mount/attributes.h"
#include "rootfs/mount/filesystem_context.h"
#include "rootfs/path/open.h"
#include "rootfs/path/verify.h"

namespace mycontainer::rootfs::mount {

namespace {

constexpr unsigned kAttach = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
constexpr unsigned kClone = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH;

// What all masked directories show; made for the first of them.
Result<UniqueFd> empty_directory() {
  TRY(FilesystemContext context, FilesystemContext::open("tmpfs"));
  TRY_VOID(context.set("nr_inodes", "2"));
  return context.mount(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                       MOUNT_ATTR_NOEXEC);
}

Result<void> cover(int target, int cover_fd) {
  UniqueFd clone(::open_tree(cover_fd, "", kClone));
  if (!clone) return fail_errno("open_tree");
  if (::move_mount(clone.get(), "", target, "", kAttach) < 0) return fail_errno("move_mount");
  return {};
}

// Before kernel 6.15 a detached mount cannot be cloned: the first directory gets the tmpfs itself,
// and the next ones a clone of it from there.
class Masker {
 public:
  Masker(int rootfd, int null_fd) : rootfd_(rootfd), null_fd_(null_fd) {}
  Result<void> mask(const std::string& path);

 private:
  Result<void> mask_directory(int target);

  int rootfd_, null_fd_;
  UniqueFd empty_;  // attached somewhere, once there was a first directory
};

Result<void> Masker::mask_directory(int target) {
  if (empty_) return cover(target, empty_.get());
  TRY(empty_, empty_directory());
  if (::move_mount(empty_.get(), "", target, "", kAttach) < 0) return fail_errno("move_mount");
  return {};
}

Result<void> Masker::mask(const std::string& path) {
  auto target = path::open_in_root(rootfd_, path, O_PATH);
  if (!target && (target.error().code == ENOENT || target.error().code == ENOTDIR)) return {};
  if (!target) return Failure(std::move(target).error());
  struct stat status {};
  if (::fstat(target->get(), &status) < 0) return fail_errno("stat");
  return S_ISDIR(status.st_mode) ? mask_directory(target->get()) : cover(target->get(), null_fd_);
}

Result<void> make_readonly(int rootfd, const std::string& path) {
  auto target = path::open_in_root(rootfd, path, O_PATH);
  if (!target && (target.error().code == ENOENT || target.error().code == ENOTDIR)) return {};
  if (!target) return Failure(std::move(target).error());
  UniqueFd clone(::open_tree(target->get(), "", kClone | AT_RECURSIVE));
  if (!clone) return fail_errno("open_tree");
  const bool early = kernel_has_mount_setattr();
  if (early) TRY_VOID(change_attributes(clone.get(), {MOUNT_ATTR_RDONLY, 0, 0, true}));
  if (::move_mount(clone.get(), "", target->get(), "", kAttach) < 0)
    return fail_errno("move_mount");
  if (early) return {};
  MountPlan plan;
  plan.attr_set = MOUNT_ATTR_RDONLY;
  return apply_attributes_by_remount(clone.get(), plan);
}

}  // namespace

Result<void> mask_paths(int rootfd, const std::vector<std::string>& paths, int null_fd) {
  if (paths.empty()) return {};
  TRY_VOID(path::verify_null_device(null_fd));
  Masker masker(rootfd, null_fd);
  for (const std::string& path : paths) {
    auto masked = masker.mask(path);
    if (!masked) return within("mask " + path, std::move(masked).error());
  }
  return {};
}

Result<void> make_paths_readonly(int rootfd, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    auto made = make_readonly(rootfd, path);
    if (!made) return within("make read-only " + path, std::move(made).error());
  }
  return {};
}

}  // namespace mycontainer::rootfs::mount
