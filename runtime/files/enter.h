// How the hidden entry gets to a container's file tree. Child side; private to runtime/files.
#pragma once

#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/files/protocol.h"

namespace mycontainer::runtime::files {

// A descriptor of the container's "/". `fds` are those that came with the request. Afterwards this
// process is root of the container's user namespace, if it has one, and its own "/" is still the
// host's.
Result<UniqueFd> enter(const EnterRequest& request, std::vector<UniqueFd>& fds);

}  // namespace mycontainer::runtime::files
