// A container of which something runs, for the verbs that look at its processes. Parent side.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/container/control.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

// Docker's words, with exit status 1: "container ID is not running", or that it is restarting.
Failure not_running(const state::Roots& roots, const std::string& id);

// What is known of its run; paused counts. not_running() otherwise.
Result<container::Inspection> inspect_running(const state::Roots& roots, const std::string& id);

// The numbers of all its processes as we see them, ascending. Of a container in no cgroup of its own:
// those in its PID namespace, or else its first process and what descends from it.
Result<std::vector<pid_t>> processes(const container::Inspection& running);

}  // namespace mycontainer::runtime::lifecycle
