// Work that goes on after the command has returned. Parent side.
#pragma once

#include <functional>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::lifecycle {

// Runs `work` in a copy of this process, in a session of its own, with /dev/null as its streams and
// without the descriptors that the caller has left open.
// Returns when the work has called `started`, and leaves it going on; or when it has failed before
// that, with its error.
using Started = std::function<void()>;
Result<void> in_background(const std::function<Result<void>(const Started& started)>& work);

}  // namespace mycontainer::runtime::lifecycle
