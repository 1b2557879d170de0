// The system calls that the name service keeps (seccomp(2)). Child side; private to dns.
#pragma once

#include "reexec/sys/error.h"

namespace mycontainer::runtime::network {

// For good: reading directories and links, sockets of the internet's families, memory that is not
// executable, waiting. All else is EPERM, and a system call of another architecture's numbering ends
// the process. Needs no_new_privs.
Result<void> give_up_system_calls();

}  // namespace mycontainer::runtime::network
