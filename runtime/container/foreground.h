// Waiting for a process of a container in the foreground: its terminal is shown on ours, or it has
// our own streams; signals go to it; its end is ours. Parent side.
#pragma once

#include <array>
#include <optional>

#include "reexec/process.h"
#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/io/session.h"
#include "runtime/io/signals.h"

namespace mycontainer::runtime::container {

class Foreground {
 public:
  // Signals queue up from now on. `terminal`: the process has one of its own, which we show.
  static Result<Foreground> prepare(bool terminal);

  [[nodiscard]] std::array<int, 3> child_streams() const;
  // The terminal's master end, when it has come.
  Result<void> adopt_console(UniqueFd master);
  // Passes signals on until the process has ended. The exit code, or 128 + the signal.
  Result<int> wait(reexec::Process& process);

 private:
  Foreground() = default;

  std::optional<io::Session> session_;      // with a terminal
  std::optional<io::SignalQueue> signals_;  // without
};

}  // namespace mycontainer::runtime::container
