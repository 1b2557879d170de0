#include "reexec/sys/unique_fd.h"

#include <unistd.h>

#include <cerrno>

namespace mycontainer::reexec::sys {

void UniqueFd::reset(int fd) noexcept {
  const int saved = errno;
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
  errno = saved;
}

}  // namespace mycontainer::reexec::sys
