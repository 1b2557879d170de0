#include "rootfs/path/open.h"

#include <climits>

#include "reexec/sys/syscalls.h"
#include "rootfs/path/walk.h"

namespace mycontainer::rootfs::path {

namespace {

constexpr int kAttempts = 64;

}  // namespace

Result<UniqueFd> open_in_root(int rootfd, const std::string& path, int flags, mode_t mode) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  // openat2 refuses a mode that would not be used.
  const bool creates = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  how.mode = creates ? mode : 0;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const int fd = reexec::sys::openat2(rootfd, path.c_str(), &how);
    if (fd >= 0) return UniqueFd(fd);
    if (errno == ENOSYS || errno == EPERM) return open_in_root_walking(rootfd, path, flags, mode);
    if (errno != EAGAIN && errno != EINTR) break;
  }
  return fail_errno("open {} in the root filesystem", path);
}

Result<std::string> readlink_fd(int fd) {
  std::string target(PATH_MAX, '\0');
  const ssize_t length = ::readlinkat(fd, "", target.data(), target.size());
  if (length < 0) return fail_errno("readlink");
  if (length == 0) return fail_code(EINVAL, "readlink");
  target.resize(static_cast<std::size_t>(length));
  return target;
}

Result<std::string> readlink_in_root(int rootfd, const std::string& path) {
  TRY(UniqueFd fd, open_in_root(rootfd, path, O_PATH | O_NOFOLLOW));
  struct stat status {};
  if (::fstat(fd.get(), &status) < 0) return fail_errno("stat {}", path);
  // readlinkat of an empty path says ENOENT for what is no link; readlink(2) says EINVAL.
  if (!S_ISLNK(status.st_mode)) return fail_code(EINVAL, "readlink {}", path);
  return readlink_fd(fd.get());
}

Result<struct stat> stat_in_root(int rootfd, const std::string& path, bool follow) {
  TRY(UniqueFd fd, open_in_root(rootfd, path, O_PATH | (follow ? 0 : O_NOFOLLOW)));
  struct stat status {};
  if (::fstat(fd.get(), &status) < 0) return fail_errno("stat {}", path);
  return status;
}

}  // namespace mycontainer::rootfs::path
