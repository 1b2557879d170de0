// The host side of -v: directories that are made because Docker makes them. Parent side.
#pragma once

#include <vector>

#include "reexec/sys/error.h"
#include "runtime/engine/run_request.h"

namespace mycontainer::runtime::engine {

// Makes each missing source of a -v mount a directory (0755, parents included), as Docker does.
// These stay: they are the user's. Sources of --mount must exist.
Result<void> create_missing_sources(const std::vector<MountRequest>& mounts);

}  // namespace mycontainer::runtime::engine
