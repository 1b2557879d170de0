#include <poll.h>

#include <cerrno>
#include <cstring>

#include "reexec/sys/syscalls.h"
#include "runtime/io/session.h"

namespace mycontainer::runtime::io {
namespace {

Error interrupted(int signal) {
  return Error{std::string("interrupted by SIG") + ::sigabbrev_np(signal), 0, {}, 128 + signal};
}

}  // namespace

Result<void> Session::await_start(int pidfd, const Watch& start) {
  while (true) {
    pollfd waiting[] = {{start.fd, POLLIN, 0}, {signals_.fd(), POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return fail_errno("wait for the container's start");
    }
    // First, because a signal that came after the program started is the program's.
    if (waiting[0].revents != 0) {
      TRY(const bool go_on, start.ready());
      if (!go_on) return {};
      continue;
    }
    while (true) {
      const auto signal = signals_.next();
      if (!signal) break;
      if (wants_end(*signal)) {
        reexec::sys::pidfd_send_signal(pidfd, SIGKILL);
        return Failure(interrupted(*signal));
      }
      early_signals_.push_back(*signal);
    }
  }
}

void Session::take_signals(int pidfd) {
  while (const auto signal = signals_.next()) take_signal(*signal, pidfd);
}

void Session::take_signal(int signal, int pidfd) {
  if (request_.terminal) {
    if (signal == SIGWINCH) return follow_size();
    if (signal == SIGTSTP) return stop(signal);
    if (signal == SIGCONT) return resume();
  }
  // ESRCH: it has just ended, which poll(2) tells next.
  reexec::sys::pidfd_send_signal(pidfd, insistence_.is_third(signal) ? SIGKILL : signal);
}

void Session::follow_size() {
  const auto size = current_size();
  if (size && master_) ::ioctl(master_.get(), TIOCSWINSZ, &*size);
}

void Session::stop(int signal) {
  if (raw_) raw_->leave();
  signals_.stop_self(signal);
  resume();
}

void Session::resume() {
  // In the background the terminal is another's; SIGCONT comes again with the foreground.
  if (raw_ && in_foreground(STDIN_FILENO)) static_cast<void>(raw_->enter());
  follow_size();
}

}  // namespace mycontainer::runtime::io
