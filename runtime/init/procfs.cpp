#include "runtime/init/procfs.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"
#include "rootfs/mount/filesystem_context.h"

namespace mycontainer::runtime::init {

namespace {

Result<UniqueFd> new_procfs() {
  TRY(auto context, rootfs::mount::FilesystemContext::open("proc"));
  return context.mount(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

}  // namespace

Result<UniqueFd> open_private_procfs() {
  auto made = new_procfs();
  if (made) return made;
  TRY(UniqueFd found, sys::open_at(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW));
  struct statfs filesystem {};
  if (::fstatfs(found.get(), &filesystem) < 0) return fail_errno("statfs /proc");
  if (filesystem.f_type == PROC_SUPER_MAGIC) return found;
  return made;
}

Result<void> write_procfs(int procfs, const std::string& path, std::string_view value) {
  open_how how{};
  how.flags = O_WRONLY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
  const UniqueFd file(sys::openat2(procfs, path.c_str(), &how));
  if (!file) return fail_errno("open /proc/{}", path);
  auto written = sys::write_all(file.get(), value);
  if (!written) return within("write /proc/" + path, std::move(written).error());
  return {};
}

}  // namespace mycontainer::runtime::init
