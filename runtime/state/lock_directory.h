// The lock of a directory that was just made. Private to runtime/state.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::state {

// The directory, open and locked. Empty when a collector met it before it was locked, and removed
// it. Waits for that, and for those who look whether it is locked.
Result<UniqueFd> lock_new_directory(const std::string& path);

}  // namespace mycontainer::runtime::state
