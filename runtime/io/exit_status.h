// How a container's first process ended. Parent side.
#pragma once

#include "reexec/sys/error.h"

namespace mycontainer::runtime::io {

struct ExitStatus {
  int code = 0;    // what it passed to exit(2); meaningless when signal != 0
  int signal = 0;  // the signal that killed it, or 0
};

// What our own process exits with because of it: the code, or 128 + the signal (as a shell and
// Docker have it).
[[nodiscard]] constexpr int exit_code(const ExitStatus& status) {
  return status.signal != 0 ? 128 + status.signal : status.code;
}

// Waits for our child behind `pidfd` and reaps it (waitid(2), P_PIDFD). ECHILD when it is not our
// child or was reaped already.
Result<ExitStatus> reap(int pidfd);

}  // namespace mycontainer::runtime::io
