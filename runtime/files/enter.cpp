#include "runtime/files/enter.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "rootfs/layer/shifted.h"
#include "rootfs/mount/attach.h"
#include "rootfs/mount/attributes.h"
#include "rootfs/mount/prepare.h"
#include "rootfs/mount/root.h"

namespace mycontainer::runtime::files {

namespace {

namespace mount = rootfs::mount;

Result<UniqueFd> open_root() { return sys::open_at(AT_FDCWD, "/", O_PATH | O_DIRECTORY); }

// In the user namespace that was just entered. Without setgroups(2) the groups are the caller's own.
Result<void> become_root() {
  (void)::setgroups(0, nullptr);
  if (::setresgid(0, 0, 0) < 0 || ::setresuid(0, 0, 0) < 0) {
    return fail_errno("become root of the container's user namespace");
  }
  return {};
}

Result<UniqueFd> join(const EnterRequest& request, int pidfd) {
  TRY(const UniqueFd host, open_root());
  const int user = request.user_namespace ? CLONE_NEWUSER : 0;
  if (::setns(pidfd, user | CLONE_NEWNS) < 0) {
    if (errno == ESRCH) return fail_code(ESRCH, "container not running");
    return fail_errno("enter the container's mount namespace");
  }
  TRY(UniqueFd root, open_root());
  if (::fchdir(host.get()) < 0 || ::chroot(".") < 0) return fail_errno("stay in the host's root");
  if (user != 0) TRY_VOID(become_root());
  return root;
}

Result<UniqueFd> clone_tree(const std::string& directory, bool recursive) {
  mount::MountPlan bind;
  bind.kind = mount::MountKind::kBind;
  bind.destination = "/";
  bind.source = directory;
  bind.recursive = recursive;
  return mount::prepare(bind);
}

Result<UniqueFd> make_root(const EnterRequest& request, int user_namespace) {
  if (!request.overlay) {
    if (user_namespace >= 0) {
      return rootfs::layer::shifted_clone(request.directory, user_namespace);
    }
    return clone_tree(request.directory, true);
  }
  if (request.overlay->memory) {
    return fail("what the container has written lived in memory, and has gone with it");
  }
  // As the container itself has it (runtime/launch/parent_mounts.h).
  if (user_namespace >= 0) {
    return rootfs::layer::shifted_overlay(*request.overlay, user_namespace);
  }
  return rootfs::layer::overlay_mount(*request.overlay);
}

// `user_namespace` is the container's, which its mapped mounts are mapped by.
Result<UniqueFd> make_bind(const mount::MountPlan& plan, int user_namespace) {
  TRY(UniqueFd bind, mount::prepare(plan));
  if (!plan.idmap) return bind;
  if (user_namespace < 0) return fail("the mapped mount needs a user namespace");
  TRY_VOID(mount::idmap_mount(bind.get(), user_namespace, plan.idmap_recursive));
  return bind;
}

Result<void> make_binds(const EnterRequest& request, int root, int user_namespace) {
  for (const mount::MountPlan& plan : request.binds) {
    auto prepared = make_bind(plan, user_namespace);
    if (!prepared) return within("mount " + plan.destination, std::move(prepared).error());
    TRY_VOID(mount::attach(root, plan, prepared->get()));
  }
  return {};
}

Result<UniqueFd> mount_tree(const EnterRequest& request, int user_namespace) {
  TRY_VOID(mount::set_propagation("/", MS_PRIVATE, true));
  TRY(UniqueFd root, make_root(request, user_namespace));
  // A place of its own is what other mounts can be put upon; our "/" stays the one below it.
  TRY_VOID(mount::attach_root(root.get()));
  TRY_VOID(make_binds(request, root.get(), user_namespace));
  if (request.readonly) {
    TRY_VOID(mount::change_attributes(root.get(), {MOUNT_ATTR_RDONLY, 0, 0, false}));
  }
  if (user_namespace < 0) return root;
  if (::setns(user_namespace, CLONE_NEWUSER) < 0) {
    return fail_errno("enter the container's user namespace");
  }
  TRY_VOID(become_root());
  return root;
}

}  // namespace

Result<UniqueFd> enter(const EnterRequest& request, std::vector<UniqueFd>& fds) {
  switch (request.way) {
    case EnterRequest::Way::kJoin:
      if (fds.empty()) return fail("no process to join came with the request");
      return join(request, fds.front().get());
    case EnterRequest::Way::kMount:
      return mount_tree(request, fds.empty() ? -1 : fds.front().get());
    case EnterRequest::Way::kStay:
      break;
  }
  return UniqueFd();
}

}  // namespace mycontainer::runtime::files
