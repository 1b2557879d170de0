#include "runtime/images/interruption.h"

#include <unistd.h>

#include <array>
#include <cstring>

namespace mycontainer::runtime::images {

namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM};

volatile std::sig_atomic_t came = 0;

void end_at_once(int /*alarm*/) {
  const int signal = came;
  (void)::signal(signal, SIG_DFL);
  (void)::kill(::getpid(), signal);
}

// Who waits for a registry may not hear of it for long.
void note(int signal) {
  constexpr unsigned kSecondsToEnd = 1;
  came = signal;
  ::alarm(kSecondsToEnd);
}

}  // namespace

Interruption::Interruption() {
  came = 0;
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESETHAND | SA_RESTART;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    (void)::sigaction(kSignals[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN) (void)::sigaction(kSignals[i], &action, nullptr);
  }
  struct sigaction alarm {};
  alarm.sa_handler = end_at_once;
  (void)::sigaction(SIGALRM, &alarm, &alarm_before_);
}

Interruption::~Interruption() {
  ::alarm(0);
  (void)::sigaction(SIGALRM, &alarm_before_, nullptr);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    (void)::sigaction(kSignals[i], &before_[i], nullptr);
  }
}

Result<void> Interruption::check() {
  const int signal = came;
  if (signal == 0) return {};
  return Failure(
      Error{std::string("interrupted by SIG") + ::sigabbrev_np(signal), EINTR, {}, 128 + signal});
}

}  // namespace mycontainer::runtime::images
