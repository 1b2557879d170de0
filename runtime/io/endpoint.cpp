#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string>

#include "reexec/sys/file.h"
#include "runtime/io/relay.h"
#include "runtime/io/streams.h"

namespace mycontainer::runtime::io {
namespace {

// What a terminal that could not be opened a second time surely takes once poll(2) calls it
// writable.
constexpr std::size_t kTerminalRoom = 256;

// A second open file for the terminal behind `fd`, or none (another user's terminal, no /proc).
// Never for a pty's master: opening /dev/ptmx again makes another terminal.
UniqueFd reopen_terminal(int fd, int access) {
  struct stat before {};
  if (::fstat(fd, &before) != 0 || before.st_rdev == ::makedev(5, 2)) return {};
  const int flags = access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  UniqueFd again(::open(sys::fd_path(fd).c_str(), flags));
  struct stat after {};
  if (!again || ::fstat(again.get(), &after) != 0 || before.st_rdev != after.st_rdev) return {};
  return again;
}

}  // namespace

Endpoint Endpoint::borrow(int fd, int access) {
  switch (classify(fd)) {
    case StreamKind::kFile:
      return share(fd);  // O_NONBLOCK means nothing for it
    case StreamKind::kSocket:
      return {fd, Kind::kSocket};
    case StreamKind::kTerminal:
      if (auto again = reopen_terminal(fd, access)) return own(std::move(again));
      break;
    default:
      break;
  }
  Endpoint careful(fd, Kind::kCareful);
  careful.most_ = ::isatty(fd) == 1 ? kTerminalRoom : PIPE_BUF;
  return careful;
}

Endpoint Endpoint::own(UniqueFd fd) {
  Endpoint endpoint(fd.get(), Kind::kNonBlocking);
  endpoint.owned_ = std::move(fd);
  return endpoint;
}

Endpoint Endpoint::share(int fd) { return {fd, Kind::kNonBlocking}; }

ssize_t Endpoint::read(char* to, std::size_t size) const {
  while (true) {
    const ssize_t got =
        kind_ == Kind::kSocket ? ::recv(fd_, to, size, MSG_DONTWAIT) : ::read(fd_, to, size);
    if (got >= 0 || errno != EINTR) return got;
  }
}

ssize_t Endpoint::write(const char* from, std::size_t size) const {
  size = std::min(size, most_);
  while (true) {
    const ssize_t put = kind_ == Kind::kSocket
                            ? ::send(fd_, from, size, MSG_DONTWAIT | MSG_NOSIGNAL)
                            : ::write(fd_, from, size);
    if (put >= 0 || errno != EINTR) return put;
  }
}

}  // namespace mycontainer::runtime::io
