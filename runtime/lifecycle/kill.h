// Sending a container a signal. Parent side.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

// To its first process, never to another by the same number. Like Docker's, it counts as the user's
// wish to end the container: it is not restarted after it. SIGKILL ends everything in it, and
// is waited for, within bounds. "cannot kill container: NAME: container ID is not running".
Result<void> kill(const state::Roots& roots, const std::string& id, int signal);

}  // namespace mycontainer::runtime::lifecycle
