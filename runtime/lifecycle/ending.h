// Ending a container's run whatever it takes, within bounds, and saying what is stuck. Parent side.
#pragma once

#include <chrono>
#include <string>

#include "reexec/sys/error.h"
#include "runtime/lifecycle/deadline.h"
#include "runtime/state/live.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

// SIGKILL to all that runs in it, frozen or not. What has ended by itself is no error.
Result<void> kill_everything(const state::Roots& roots, const std::string& id);

// kill_everything until the run has ended, kEndPatience at most: then the error names the processes
// that do not end, and where they hang. Returns the exit code.
Result<int> end_by_force(const state::Roots& roots, const std::string& id,
                         const state::ExitWaiter& run);

// A paused container goes on, so that signals reach it; another is left alone.
Result<void> thaw(const state::Roots& roots, const state::Record& record);

// Ends a supervisor that does not end although nothing runs any more (it was stopped, or hangs).
void kill_supervisor(const state::Roots& roots, const std::string& id);

// Waits, `patience` at most, until no supervisor is left, and collects what a killed one left.
// Afterwards a container that was to be removed at its end is gone. That its record could not be put
// right on a full disk is no error: it tells the same without.
Result<void> await_supervisor(const state::Roots& roots, const std::string& id,
                              std::chrono::nanoseconds patience = kEndPatience);

}  // namespace mycontainer::runtime::lifecycle
