// Removing containers. Parent side.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

// Removes a container that does not run, a broken one too. One that runs is an error in Docker's
// words, or with `force` is killed first, within bounds; what removes itself at its end is waited
// for. With `volumes` its anonymous volumes go, too, those that no other container mounts.
Result<void> remove(const state::Roots& roots, const std::string& id, bool force,
                    bool volumes = false);

}  // namespace mycontainer::runtime::lifecycle
