// The steps of one more process in a container that runs: what it needs of the container it finds
// there, and may not trust.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "rootfs/mount/filesystem_context.h"
#include "rootfs/path/open.h"
#include "runtime/init/steps.h"
#include "runtime/io/pty.h"

namespace mycontainer::runtime::init {

namespace {

Result<void> expect_filesystem(int fd, const char* path, unsigned long magic) {
  struct statfs filesystem {};
  if (::fstatfs(fd, &filesystem) < 0) return fail_errno("statfs {}", path);
  if (static_cast<unsigned long>(filesystem.f_type) == magic) return {};
  return fail("{} is not what it should be: the container has mounted something over it", path);
}

// Our own, which nothing can be mounted over. In a nested user namespace the kernel may refuse to
// make one (mount_namespaces(7), "Restrictions"); then the container's, if it is a real one.
Result<UniqueFd> open_procfs(int root) {
  if (auto context = rootfs::mount::FilesystemContext::open("proc")) {
    if (auto mounted = context->mount(0)) return mounted;
  }
  TRY(UniqueFd proc, rootfs::path::open_in_root(root, "/proc", O_PATH | O_DIRECTORY));
  TRY_VOID(expect_filesystem(proc.get(), "/proc", PROC_SUPER_MAGIC));
  return proc;
}

bool needs_procfs(const InitPlan& plan) {
  return plan.oom_score_adj || !plan.identity.apparmor_profile.empty() ||
         !plan.identity.selinux_label.empty();
}

}  // namespace

Result<void> find_container(Context& context) {
  context.root_mount.reset(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!context.root_mount) return fail_errno("open the container's root");
  TRY_VOID(replace_null_streams(context.root_mount.get()));
  if (!needs_procfs(context.plan)) return {};
  TRY(UniqueFd proc, open_procfs(context.root_mount.get()));
  context.proc = proc.get();
  context.prepared.push_back(std::move(proc));
  return {};
}

Result<void> open_exec_terminal(Context& context) {
  if (!context.plan.terminal) return {};
  TRY(UniqueFd devpts,
      rootfs::path::open_in_root(context.root_mount.get(), "/dev/pts", O_RDONLY | O_DIRECTORY));
  TRY_VOID(expect_filesystem(devpts.get(), "/dev/pts", DEVPTS_SUPER_MAGIC));
  context.devpts = devpts.get();
  context.prepared.push_back(std::move(devpts));
  TRY(io::Pty pty, make_terminal(context));
  return take_terminal(context, std::move(pty));
}

}  // namespace mycontainer::runtime::init
