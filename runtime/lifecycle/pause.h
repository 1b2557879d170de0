// Stopping all of a container's processes where they are, and letting them go on. Parent side.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

// Errors in Docker's words: "container NAME is not running", "... is already paused".
Result<void> pause(const state::Roots& roots, const std::string& id);
Result<void> unpause(const state::Roots& roots, const std::string& id);  // "... is not paused"

}  // namespace mycontainer::runtime::lifecycle
