// Stopping and starting in one. Parent side.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "runtime/lifecycle/stop.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

// A container that does not run is only started. One that `run --rm` runs in the foreground is
// refused: it ends with that command.
Result<void> restart(const state::Roots& roots, const std::string& id, const StopRequest& request);

}  // namespace mycontainer::runtime::lifecycle
