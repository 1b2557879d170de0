#include "runtime/launch/parent_mounts.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "rootfs/layer/overlay.h"
#include "rootfs/mount/attach.h"
#include "rootfs/mount/attributes.h"
#include "rootfs/mount/prepare.h"
#include "rootfs/mount/root.h"

namespace mycontainer::runtime::launch {

namespace {

namespace mount = rootfs::mount;

Result<UniqueFd> clone_tree(const std::string& path, bool recursive) {
  mount::MountPlan bind;
  bind.kind = mount::MountKind::kBind;
  bind.source = path;
  bind.recursive = recursive;
  return mount::prepare(bind);
}

// A clone of the directory in which root of the container owns what root of the host owns.
Result<UniqueFd> shifted(const std::string& directory, int user_namespace) {
  TRY(UniqueFd clone, clone_tree(directory, false));
  if (auto done = mount::idmap_mount(clone.get(), user_namespace, false); !done) {
    Error error = std::move(done).error();
    error.hint = "a user namespace of its own needs idmapped mounts of " + directory +
                 " (Linux 5.12, and 5.19 below an overlay); use --userns host";
    return Failure(std::move(error));
  }
  return clone;
}

// Each shifted lower layer covers the layer itself, in this process's own mount namespace, and is
// named by its descriptor: a process does not see what covers its own "/".
Result<UniqueFd> shifted_overlay(const StartPlan& start, rootfs::layer::OverlayRequest overlay,
                                 int user_namespace) {
  if (::unshare(CLONE_NEWNS) < 0) return fail_errno("unshare the mount namespace");
  TRY_VOID(mount::set_propagation("/", MS_PRIVATE, true));
  std::vector<UniqueFd> clones;
  for (std::string& lower : overlay.lower) {
    TRY(UniqueFd clone, shifted(lower, user_namespace));
    TRY(const UniqueFd place, sys::open_at(AT_FDCWD, lower, O_PATH | O_DIRECTORY));
    if (::move_mount(clone.get(), "", place.get(), "",
                     MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0) {
      return fail_errno("cover {} with its shifted clone", lower);
    }
    lower = sys::fd_path(clone.get());
    clones.push_back(std::move(clone));
  }
  const uid_t uid = start.uid_map.front().host_id;
  const gid_t gid = start.gid_map.front().host_id;
  if (::chown(overlay.upper.c_str(), uid, gid) < 0) {
    return fail_errno("change the owner of {}", overlay.upper);
  }
  return rootfs::layer::overlay_mount(overlay);
}

Result<UniqueFd> make_root(const StartPlan& start, const init::RootPlan& root, pid_t child) {
  TRY(const UniqueFd user_namespace,
      sys::open_at(AT_FDCWD, "/proc/" + std::to_string(child) + "/ns/user", O_RDONLY));
  if (root.kind == init::RootPlan::Kind::kOverlay) {
    return shifted_overlay(start, root.overlay, user_namespace.get());
  }
  return shifted(root.directory, user_namespace.get());
}

std::int32_t keep(std::vector<UniqueFd>& mounts, UniqueFd mount) {
  mounts.push_back(std::move(mount));
  return static_cast<std::int32_t>(mounts.size() - 1);
}

}  // namespace

bool parent_prepares(const StartPlan& start) {
  return (start.new_namespaces & CLONE_NEWUSER) != 0 && ::geteuid() == 0;
}

Result<std::vector<UniqueFd>> prepare_in_parent(const StartPlan& start, init::InitPlan& plan,
                                                pid_t child) {
  std::vector<UniqueFd> mounts;
  TRY(UniqueFd root, make_root(start, plan.root, child));
  keep(mounts, std::move(root));  // the first, by convention
  plan.root.kind = init::RootPlan::Kind::kGiven;
  for (init::PlannedMount& planned : plan.mounts) {
    if (planned.mount.kind != mount::MountKind::kBind) continue;
    auto bind = mount::prepare(planned.mount);
    if (!bind) return within("mount " + planned.mount.destination, std::move(bind).error());
    planned.given = keep(mounts, std::move(*bind));
  }
  for (init::PlannedDevice& device : plan.devices) {
    if (!device.bind) continue;
    TRY(UniqueFd node, clone_tree(device.host_path, false));
    device.given = keep(mounts, std::move(node));
  }
  return mounts;
}

}  // namespace mycontainer::runtime::launch
