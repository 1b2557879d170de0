#include "runtime/io/streams.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace mycontainer::runtime::io {
namespace {

StreamKind classify_device(int fd, dev_t device) {
  if (device == ::makedev(1, 3)) return StreamKind::kNull;
  return ::isatty(fd) == 1 ? StreamKind::kTerminal : StreamKind::kOther;
}

StreamKind classify_fifo(int fd) {
  struct statfs filesystem {};
  const bool anonymous = ::fstatfs(fd, &filesystem) == 0 && filesystem.f_type == PIPEFS_MAGIC;
  return anonymous ? StreamKind::kPipe : StreamKind::kOther;
}

}  // namespace

StreamKind classify(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return StreamKind::kClosed;
  switch (status.st_mode & S_IFMT) {
    case S_IFIFO:
      return classify_fifo(fd);
    case S_IFREG:
      return StreamKind::kFile;
    case S_IFSOCK:
      return StreamKind::kSocket;
    case S_IFCHR:
      return classify_device(fd, status.st_rdev);
    default:
      return StreamKind::kOther;
  }
}

bool same_stream(int first, int second) {
  struct stat one {};
  struct stat two {};
  if (::fstat(first, &one) != 0 || ::fstat(second, &two) != 0) return false;
  if (one.st_dev != two.st_dev || one.st_ino != two.st_ino) return false;
  if (S_ISCHR(one.st_mode) && one.st_rdev == two.st_rdev) return true;
  const pid_t self = ::getpid();
  return ::syscall(SYS_kcmp, self, self, KCMP_FILE, first, second) == 0;
}

Result<void> hold_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free number is the closed one, because those below it are open.
    if (::open("/dev/null", O_RDWR | O_CLOEXEC) != fd) return fail_errno("open /dev/null");
  }
  return {};
}

}  // namespace mycontainer::runtime::io
