#include "runtime/io/terminal.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

namespace mycontainer::runtime::io {

std::optional<winsize> window_size(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0) return std::nullopt;
  return size;
}

std::optional<winsize> current_size() {
  for (const int fd : {STDOUT_FILENO, STDIN_FILENO, STDERR_FILENO}) {
    if (const auto size = window_size(fd)) return size;
  }
  return std::nullopt;
}

bool in_foreground(int terminal) {
  const pid_t group = ::tcgetpgrp(terminal);
  return group < 0 || group == ::getpgrp();
}

Result<RawMode> RawMode::start(int terminal) {
  termios found{};
  if (::tcgetattr(terminal, &found) != 0) return fail_errno("read the terminal's settings");
  RawMode mode(terminal, found);
  TRY_VOID(mode.enter());
  return mode;
}

RawMode::RawMode(RawMode&& other) noexcept
    : terminal_(other.terminal_), raw_(std::exchange(other.raw_, false)), found_(other.found_) {}

RawMode& RawMode::operator=(RawMode&& other) noexcept {
  if (this != &other) {
    leave();
    terminal_ = other.terminal_;
    raw_ = std::exchange(other.raw_, false);
    found_ = other.found_;
  }
  return *this;
}

Result<void> RawMode::enter() {
  termios raw = found_;
  ::cfmakeraw(&raw);
  while (::tcsetattr(terminal_, TCSANOW, &raw) != 0) {
    if (errno != EINTR) return fail_errno("set the terminal to raw mode");
  }
  raw_ = true;
  return {};
}

void RawMode::leave() noexcept {
  if (!std::exchange(raw_, false) || !in_foreground(terminal_)) return;
  // Blocked, SIGTTOU cannot stop us in the moment between the look and the change.
  sigset_t ttou;
  sigset_t before;
  ::sigemptyset(&ttou);
  ::sigaddset(&ttou, SIGTTOU);
  ::pthread_sigmask(SIG_BLOCK, &ttou, &before);
  ::tcsetattr(terminal_, TCSANOW, &found_);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace mycontainer::runtime::io
