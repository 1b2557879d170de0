#include "rootfs/mount/prepare.h"

#include <fcntl.h>
#include <sys/mount.h>

#include "reexec/sys/file.h"
#include "rootfs/mount/attributes.h"
#include "rootfs/mount/filesystem_context.h"
#include "rootfs/path/open.h"

namespace mycontainer::rootfs::mount {

namespace {

Result<UniqueFd> prepare_filesystem(const MountPlan& plan) {
  TRY(FilesystemContext context, FilesystemContext::open(plan.type));
  if (!plan.source.empty()) TRY_VOID(context.set("source", plan.source));
  for (const std::string& option : plan.data) TRY_VOID(context.set(option));
  // What attach() will write to becomes read-only there, after that.
  const std::uint64_t later = takes_after_destination(plan) ? MOUNT_ATTR_RDONLY : 0;
  return context.mount(plan.attr_set & ~later);
}

Result<UniqueFd> clone_tree(const MountPlan& plan, int dirfd, const char* path, unsigned flags) {
  flags |= OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (plan.recursive ? AT_RECURSIVE : 0);
  UniqueFd mounted(::open_tree(dirfd, path, flags));
  if (!mounted) return fail_errno("bind {}", plan.source);
  if (!kernel_has_mount_setattr()) return mounted;  // attach() does it
  auto applied = apply_attributes(mounted.get(), plan);
  if (!applied) return within("bind " + plan.source, std::move(applied).error());
  return mounted;
}

// Whoever mounts the same volume may put links into it: they end within it.
Result<UniqueFd> prepare_subpath(const MountPlan& plan) {
  TRY(const UniqueFd source, sys::open_at(AT_FDCWD, plan.source, O_PATH | O_DIRECTORY));
  auto part = path::open_in_root(source.get(), plan.subpath, O_PATH);
  if (!part) return within("subpath of " + plan.source, std::move(part).error());
  return clone_tree(plan, part->get(), "", AT_EMPTY_PATH);
}

}  // namespace

Result<UniqueFd> prepare(const MountPlan& plan) {
  switch (plan.kind) {
    case MountKind::kFilesystem:
      return prepare_filesystem(plan);
    case MountKind::kBind:
      if (!plan.subpath.empty()) return prepare_subpath(plan);
      return clone_tree(plan, AT_FDCWD, plan.source.c_str(),
                        plan.source_nofollow ? AT_SYMLINK_NOFOLLOW : 0);
    case MountKind::kRemount:
      break;
  }
  return UniqueFd();
}

Result<UniqueFd> prepare_bind(const MountPlan& plan, int source_fd) {
  return clone_tree(plan, source_fd, "", AT_EMPTY_PATH);
}

}  // namespace mycontainer::rootfs::mount
