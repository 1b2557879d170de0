// What the name service gives up before it reads the first packet. Child side; private to dns.
#pragma once

#include <sys/types.h>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::network {

// For good: all files but those below `live` (<state>/networks), which is the root directory
// afterwards; the ids (nobody's: uid and gid 65534, no groups) and with them every capability; new
// programs and processes; memory and descriptors beyond what the service takes; and all system
// calls but a few (service_filter.h). It dies with `supervisor`, its parent, unless that is 0. Begins
// as root with no_new_privs.
Result<void> confine(int live, pid_t supervisor);

}  // namespace mycontainer::runtime::network
