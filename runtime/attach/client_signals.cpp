#include <csignal>
#include <cstring>

#include "runtime/attach/client_loop.h"

namespace mycontainer::runtime::attach {
namespace {

Failure interrupted(int signal) {
  return Failure(
      Error{std::string("interrupted by SIG") + ::sigabbrev_np(signal), 0, {}, 128 + signal});
}

}  // namespace

Result<void> ClientLoop::take_signals() {
  while (const auto signal = signals_.next()) TRY_VOID(take_signal(*signal));
  return {};
}

Result<void> ClientLoop::take_signal(int signal) {
  if (request_.terminal) {
    if (signal == SIGWINCH) {
      resizes_ = true;
      send_pending();
      return {};
    }
    if (signal == SIGTSTP) stop(signal);
    if (signal == SIGCONT) resume();
    if (signal == SIGTSTP || signal == SIGCONT) return {};
  }
  if (!request_.sig_proxy) {
    if (io::wants_end(signal)) return interrupted(signal);
    if (signal == SIGTSTP) stop(signal);
    return {};
  }
  const bool last = !request_.terminal && insistence_.is_third(signal);
  if (request_.signal) request_.signal(last ? SIGKILL : signal);
  // It may have ended long ago, and what it wrote is what nobody takes.
  if (last && !unwritten_.empty()) return interrupted(signal);
  return {};
}

void ClientLoop::stop(int signal) {
  if (raw_) raw_->leave();
  signals_.stop_self(signal);
  resume();
}

void ClientLoop::resume() {
  // In the background the terminal is another's; SIGCONT comes again with the foreground.
  if (raw_ && io::in_foreground(STDIN_FILENO)) static_cast<void>(raw_->enter());
  if (!request_.terminal) return;
  resizes_ = true;
  send_pending();
}

}  // namespace mycontainer::runtime::attach
