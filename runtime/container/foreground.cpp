#include "runtime/container/foreground.h"

#include <poll.h>

#include <cerrno>

#include "reexec/sys/syscalls.h"

namespace mycontainer::runtime::container {

Result<Foreground> Foreground::prepare(bool terminal) {
  Foreground foreground;
  if (terminal) {
    TRY(auto session, io::Session::prepare({.interactive = true, .terminal = true}));
    foreground.session_.emplace(std::move(session));
  } else {
    TRY(auto signals, io::SignalQueue::open());
    foreground.signals_.emplace(std::move(signals));
  }
  return foreground;
}

std::array<int, 3> Foreground::child_streams() const {
  return session_ ? session_->child_streams() : std::array<int, 3>{0, 1, 2};
}

Result<void> Foreground::adopt_console(UniqueFd master) {
  if (!session_) return fail("a terminal came that was not asked for");
  return session_->adopt_console(std::move(master));
}

Result<int> Foreground::wait(reexec::Process& process) {
  if (session_) {
    TRY(const reexec::Status status, session_->run(process));
    return status.shell_code();
  }
  while (true) {
    pollfd waiting[] = {{process.pidfd(), POLLIN, 0}, {signals_->fd(), POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0 && errno != EINTR) return fail_errno("wait for the container");
    while (const auto signal = signals_->next()) (void)process.signal(*signal);
    if (waiting[0].revents == 0) continue;
    TRY(const reexec::Status status, process.wait());
    return status.shell_code();
  }
}

}  // namespace mycontainer::runtime::container
