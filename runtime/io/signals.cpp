#include "runtime/io/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <ctime>
#include <utility>

namespace mycontainer::runtime::io {
namespace {

bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t queued_signals() {
  sigset_t set;
  ::sigfillset(&set);
  for (const int signal :
       {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGCHLD, SIGURG, SIGTTIN, SIGTTOU}) {
    ::sigdelset(&set, signal);
  }
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP}) {
    if (is_ignored(signal)) ::sigdelset(&set, signal);
  }
  return set;
}

}  // namespace

Result<SignalQueue> SignalQueue::open() {
  const sigset_t set = queued_signals();
  UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return fail_errno("signalfd");
  sigset_t before;
  if (const int code = ::pthread_sigmask(SIG_BLOCK, &set, &before); code != 0) {
    return fail_code(code, "block signals");
  }
  return SignalQueue(std::move(fd), before);
}

SignalQueue::~SignalQueue() {
  if (!fd_) return;
  while (next()) continue;
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<int> SignalQueue::next() const {
  signalfd_siginfo info{};
  while (::read(fd_.get(), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal != SIGPIPE && signal != SIGXFSZ) return signal;
  }
  return std::nullopt;
}

void SignalQueue::stop_self(int signal) const {
  sigset_t set;
  sigset_t blocked;
  ::sigemptyset(&set);
  ::sigaddset(&set, signal);
  ::raise(signal);
  ::pthread_sigmask(SIG_UNBLOCK, &set, &blocked);
  ::pthread_sigmask(SIG_SETMASK, &blocked, nullptr);
}

bool Insistence::is_third(int signal) {
  constexpr std::int64_t kWithin = 3000;  // milliseconds
  if (signal != SIGINT && signal != SIGTERM) return false;
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  const std::int64_t now = std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
  const bool third = now - before_[0] <= kWithin;
  before_ = {before_[1], now};
  return third;
}

}  // namespace mycontainer::runtime::io
