// Copying what a file holds to another descriptor, in the kernel where it can. Either side.
#pragma once

#include <cstdint>

#include "reexec/sys/error.h"

namespace mycontainer::reexec::sys {

// Exactly `size` bytes from the beginning of `from`, a regular file, to where `to` stands: a file
// (which then may share them), a pipe, a socket. A file that is shorter is an error.
Result<void> copy_bytes(int from, std::uint64_t size, int to);

}  // namespace mycontainer::reexec::sys
