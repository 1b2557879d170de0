// Small things that creating a container and exec have in common. Parent side.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::container {

// 3, 4, ..., 3 + count - 1, all of which must be open: what the caller promised, and not by chance
// something of ours.
Result<std::vector<int>> preserved_descriptors(int count);

// The number as text, in a file that appears at once and whole. An empty path: none is wanted.
Result<void> write_pid_file(const std::string& path, pid_t pid);

// The session keyring that a container's processes share, as other runtimes name it: without one of
// its own a container would possess the caller's keys (session-keyring(7)).
std::string session_keyring_of(const std::string& id);

}  // namespace mycontainer::runtime::container
