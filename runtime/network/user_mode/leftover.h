// Who gives a container its network is written down in its live directory, so that the next command
// ends it should it ever outlive a killed supervisor. Parent side.
#pragma once

#include <sys/types.h>

#include <string>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::network {

// <live directory>/provider: "PID START-TIME" (proc_pid_stat(5), field 22), which together are one process
// of this boot.
Result<void> record_provider(int live_directory, pid_t pid);

// Of a container whose supervisor is gone: ends what is recorded, if that is what still runs, and waits
// until it is gone (two seconds at most): then its ports are free.
void end_leftover_provider(const std::string& live_directory);

}  // namespace mycontainer::runtime::network
