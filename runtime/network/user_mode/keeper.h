// Where a provider loses its parent-death signal: a process that ends it instead. Parent side.
#pragma once

#include <sys/types.h>

#include "reexec/process.h"
#include "reexec/sys/error.h"

namespace mycontainer::runtime::network {

// AppArmor takes the signal away when a program gets a profile of its own, as Debian's pasta does.
bool is_confined(pid_t pid);

// A copy of this process that holds nothing but two pidfds. It kills the process of `pidfd` when this
// one ends, however that is, and ends with either.
Result<reexec::Process> start_keeper(int pidfd);

}  // namespace mycontainer::runtime::network
