// flock(2) of directories with a bound on the waiting, and who holds one. Private to what changes
// containers; any process.
#pragma once

#include <sys/types.h>

#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::state {

// Whoever holds such a lock is busy for milliseconds, but may have been stopped or hang: then, after
// ten seconds, the error names him. `what` for that message.
Result<void> lock_patiently(int directory, const std::string& what);

// The process that has locked `directory` exclusively, as a pidfd: no other one, even if its number was
// given away meanwhile. Invalid when nobody has, or the kernel does not tell.
struct LockHolder {
  pid_t pid = 0;
  UniqueFd pidfd;
};
LockHolder lock_holder(int directory);

}  // namespace mycontainer::runtime::state
