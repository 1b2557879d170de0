#include "rootfs/path/verify.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

namespace mycontainer::rootfs::path {

namespace {

Result<void> verify_character_device(int fd, const char* name, dev_t expected) {
  struct stat status {};
  if (::fstat(fd, &status) < 0) return fail_errno("stat {}", name);
  if (S_ISCHR(status.st_mode) && status.st_rdev == expected) return {};
  return fail("{} is not the character device {}:{}", name, major(expected), minor(expected));
}

Result<void> verify_filesystem(int fd, const char* name, const char* kind, unsigned long magic) {
  struct statfs filesystem {};
  if (::fstatfs(fd, &filesystem) < 0) return fail_errno("statfs {}", name);
  if (static_cast<unsigned long>(filesystem.f_type) == magic) return {};
  return fail("{} is not on a {} filesystem", name, kind);
}

}  // namespace

Result<void> verify_null_device(int fd) {
  return verify_character_device(fd, "/dev/null", makedev(1, 3));
}

Result<void> verify_ptmx(int fd) {
  TRY_VOID(verify_character_device(fd, "ptmx", makedev(5, 2)));
  return verify_filesystem(fd, "ptmx", "devpts", DEVPTS_SUPER_MAGIC);
}

}  // namespace mycontainer::rootfs::path
