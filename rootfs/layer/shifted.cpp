#include "rootfs/layer/shifted.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <optional>

#include "reexec/sys/file.h"
#include "rootfs/mount/attributes.h"
#include "rootfs/mount/prepare.h"

namespace mycontainer::rootfs::layer {

namespace {

Result<UniqueFd> clone_directory(const std::string& directory) {
  mount::MountPlan bind;
  bind.kind = mount::MountKind::kBind;
  bind.destination = "/";
  bind.source = directory;
  return mount::prepare(bind);
}

// A shifted clone that lies on what it is of.
Result<UniqueFd> covering_clone(const std::string& directory, int user_namespace) {
  TRY(UniqueFd clone, shifted_clone(directory, user_namespace));
  TRY(const UniqueFd place, sys::open_at(AT_FDCWD, directory, O_PATH | O_DIRECTORY));
  if (::move_mount(clone.get(), "", place.get(), "",
                   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0) {
    return fail_errno("cover {} with its shifted clone", directory);
  }
  return clone;
}

bool is_same_node(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Whether all are directories of the one mount that `parent` is on: a clone has nothing else.
Result<bool> all_on_mount_of(const std::string& parent, const std::vector<std::string>& lower) {
  TRY(const UniqueFd clone, clone_directory(parent));
  for (const std::string& directory : lower) {
    struct stat seen {
    }, cloned{};
    if (::stat(directory.c_str(), &seen) < 0) return fail_errno("stat {}", directory);
    const std::string below = directory.substr(parent.size() + 1);
    if (::fstatat(clone.get(), below.c_str(), &cloned, AT_SYMLINK_NOFOLLOW) < 0) return false;
    if (!is_same_node(seen, cloned)) return false;
  }
  return true;
}

// Not when it has the writes below it, too: these keep their owners.
Result<std::optional<std::string>> shared_parent(const OverlayRequest& request) {
  std::string parent = common_directory(request.lower);
  if (request.lower.size() < 2 || parent == "/") return std::nullopt;
  for (const std::string& directory : request.lower) {
    if (directory == parent) return std::nullopt;
  }
  for (const std::string& writes : {request.upper, request.work}) {
    if (writes.starts_with(parent + "/")) return std::nullopt;
  }
  TRY(const bool on_one_mount, all_on_mount_of(parent, request.lower));
  return on_one_mount ? std::optional(std::move(parent)) : std::nullopt;
}

}  // namespace

std::string common_directory(const std::vector<std::string>& directories) {
  if (directories.empty()) return "/";
  std::string common = directories.front();
  const auto is_within = [&common](const std::string& path) {
    return path == common || path.starts_with(common + "/");
  };
  for (const std::string& directory : directories) {
    while (!common.empty() && !is_within(directory)) common.resize(common.rfind('/'));
  }
  return common.empty() ? "/" : common;
}

Result<UniqueFd> shifted_clone(const std::string& directory, int user_namespace) {
  TRY(UniqueFd clone, clone_directory(directory));
  if (auto done = mount::idmap_mount(clone.get(), user_namespace, false); !done) {
    Error error = std::move(done).error();
    error.hint = "a user namespace of its own needs idmapped mounts of " + directory +
                 " (Linux 5.12, and 5.19 below an overlay); use --userns host";
    return Failure(std::move(error));
  }
  return clone;
}

// Named by descriptor: a process does not see what covers its own "/".
Result<UniqueFd> shifted_overlay(OverlayRequest request, int user_namespace) {
  std::vector<UniqueFd> clones;
  TRY(const auto parent, shared_parent(request));
  if (parent) {
    TRY(UniqueFd clone, covering_clone(*parent, user_namespace));
    const std::string name = sys::fd_path(clone.get());
    for (std::string& lower : request.lower) lower = name + lower.substr(parent->size());
    clones.push_back(std::move(clone));
    return overlay_mount(request);
  }
  for (std::string& lower : request.lower) {
    TRY(UniqueFd clone, covering_clone(lower, user_namespace));
    lower = sys::fd_path(clone.get());
    clones.push_back(std::move(clone));
  }
  return overlay_mount(request);
}

}  // namespace mycontainer::rootfs::layer
