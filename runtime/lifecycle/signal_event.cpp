#include "runtime/lifecycle/signal_event.h"

#include <csignal>
#include <cstring>

#include "runtime/state/event_log.h"

namespace mycontainer::runtime::lifecycle {

std::string signal_name(int signal) {
  if (const char* name = ::sigabbrev_np(signal)) return std::string("SIG") + name;
  if (signal == SIGRTMIN) return "SIGRTMIN";
  if (signal > SIGRTMIN && signal <= SIGRTMAX) return fmt::format("SIGRTMIN+{}", signal - SIGRTMIN);
  return fmt::format("signal {}", signal);
}

void append_signal_event(const state::Roots& roots, const state::Record& record, int signal) {
  state::append_event(roots,
                      state::container_event(record, "kill", {{"signal", std::to_string(signal)}}));
}

}  // namespace mycontainer::runtime::lifecycle
