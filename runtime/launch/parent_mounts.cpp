#include "runtime/launch/parent_mounts.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "reexec/sys/file.h"
#include "rootfs/layer/shifted.h"
#include "rootfs/mount/attach.h"
#include "rootfs/mount/attributes.h"
#include "rootfs/mount/prepare.h"
#include "rootfs/mount/root.h"
#include "runtime/init/host_node.h"
#include "runtime/launch/mapped_namespace.h"

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

// In this process's own mount namespace.
Result<UniqueFd> shifted_overlay(const StartPlan& start,
                                 const rootfs::layer::OverlayRequest& overlay, int user_namespace) {
  if (::unshare(CLONE_NEWNS) < 0) return fail_errno("unshare the mount namespace");
  TRY_VOID(mount::set_propagation("/", MS_PRIVATE, true));
  const uid_t uid = start.uid_map.front().host_id;
  const gid_t gid = start.gid_map.front().host_id;
  if (::chown(overlay.upper.c_str(), uid, gid) < 0) {
    return fail_errno("change the owner of {}", overlay.upper);
  }
  return rootfs::layer::shifted_overlay(overlay, user_namespace);
}

// Never a peer of the host's mounts: what is mounted below it in the container stays there.
std::uint64_t default_propagation(const init::RootPlan& root) {
  return root.propagation == "slave" || root.propagation == "rslave" ? MS_SLAVE : MS_PRIVATE;
}

Result<UniqueFd> clone_root(const init::RootPlan& root) {
  TRY(UniqueFd clone, clone_tree(root.directory, true));
  TRY_VOID(mount::change_attributes(clone.get(), {0, 0, default_propagation(root), true}));
  return clone;
}

Result<UniqueFd> make_root(const StartPlan& start, const init::RootPlan& root,
                           MappedNamespaces& mappings) {
  if (root.kind == init::RootPlan::Kind::kBind && !root.shift_owners) return clone_root(root);
  TRY(const int user_namespace, mappings.container());
  if (root.kind == init::RootPlan::Kind::kOverlay) {
    return shifted_overlay(start, root.overlay, user_namespace);
  }
  return rootfs::layer::shifted_clone(root.directory, user_namespace);
}

Result<UniqueFd> make_bind(const init::PlannedMount& planned, const init::RootPlan& root,
                           MappedNamespaces& mappings) {
  mount::MountPlan bind = planned.mount;
  if (bind.propagation == 0) {
    bind.propagation = default_propagation(root);
    bind.propagation_recursive = true;
  }
  TRY(UniqueFd clone, mount::prepare(bind));
  if (!bind.idmap) return clone;
  TRY(const int user_namespace, mappings.of(planned.uid_map, planned.gid_map));
  TRY_VOID(mount::idmap_mount(clone.get(), user_namespace, bind.idmap_recursive));
  return clone;
}

std::int32_t keep(std::vector<UniqueFd>& mounts, UniqueFd mount) {
  mounts.push_back(std::move(mount));
  return static_cast<std::int32_t>(mounts.size() - 1);
}

// Raising a limit takes CAP_SYS_RESOURCE outside of any user namespace, lowering the score of the
// OOM killer too. The child sets the limits themselves, within these.
Result<void> allow_limits(init::InitPlan& plan, pid_t child) {
  for (const init::PlannedRlimit& limit : plan.rlimits) {
    const auto resource = static_cast<__rlimit_resource>(limit.resource);
    rlimit present{};
    if (::prlimit(child, resource, nullptr, &present) < 0) return fail_errno("read a limit");
    if (present.rlim_max >= limit.hard) continue;
    const rlimit raised{present.rlim_cur, limit.hard};
    if (::prlimit(child, resource, &raised, nullptr) < 0) {
      return fail_errno("raise resource limit {} to {}", limit.resource, limit.hard);
    }
  }
  if (!plan.oom_score_adj) return {};
  const std::string score = std::to_string(*plan.oom_score_adj);
  plan.oom_score_adj.reset();
  return sys::write_file_at(AT_FDCWD, fmt::format("/proc/{}/oom_score_adj", child), score);
}

// A process in a user namespace of its own has no rights over what is outside of it.
bool lacks_rights(const StartPlan& start) {
  const auto is_user = [](const JoinedNamespace& joined) { return joined.flag == CLONE_NEWUSER; };
  return ::geteuid() == 0 && ((start.new_namespaces & CLONE_NEWUSER) != 0 ||
                              std::ranges::any_of(start.joined, is_user));
}

Result<void> prepare_binds(init::InitPlan& plan, bool all, MappedNamespaces& mappings,
                           std::vector<UniqueFd>& mounts) {
  for (init::PlannedMount& planned : plan.mounts) {
    if (planned.mount.kind != mount::MountKind::kBind || !(all || planned.mount.idmap)) continue;
    auto bind = make_bind(planned, plan.root, mappings);
    if (!bind) return within("mount " + planned.mount.destination, std::move(bind).error());
    planned.given = keep(mounts, std::move(*bind));
  }
  return {};
}

Result<void> prepare_devices(init::InitPlan& plan, std::vector<UniqueFd>& mounts) {
  for (init::PlannedDevice& device : plan.devices) {
    if (!device.bind) continue;
    TRY(const std::string host_node, init::find_host_node(device));
    TRY(UniqueFd node, clone_tree(host_node, false));
    TRY_VOID(mount::change_attributes(node.get(), {0, 0, MS_PRIVATE, false}));
    device.given = keep(mounts, std::move(node));
  }
  return {};
}

}  // namespace

bool parent_prepares(const StartPlan& start, const init::InitPlan& plan) {
  return lacks_rights(start) ||
         std::ranges::any_of(plan.mounts, [](const auto& planned) { return planned.mount.idmap; });
}

Result<std::vector<UniqueFd>> prepare_in_parent(const StartPlan& start, init::InitPlan& plan,
                                                pid_t child) {
  std::vector<UniqueFd> mounts;
  MappedNamespaces mappings(child);
  const bool all = lacks_rights(start);
  if (all) {
    TRY(UniqueFd root, make_root(start, plan.root, mappings));
    keep(mounts, std::move(root));  // the first, by convention
    plan.root.kind = init::RootPlan::Kind::kGiven;
  }
  TRY_VOID(prepare_binds(plan, all, mappings, mounts));
  if (!all) return mounts;
  TRY_VOID(prepare_devices(plan, mounts));
  TRY_VOID(allow_limits(plan, child));
  return mounts;
}

}  // namespace mycontainer::runtime::launch
