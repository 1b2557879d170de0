// Who runs in a cgroup directory and below it, of v1 or v2. Parent side; cgroup.h is what other
// folders use.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

namespace mycontainer::runtime::cgroup {

// "." and every cgroup below it, parents before children. Paths and not descriptors: the container
// decides how deep they are.
std::vector<std::string> tree_of(int dir);

// All processes in it and below, ascending; without those of a PID namespace that we do not see.
std::vector<pid_t> members_of(int dir);

// How many processes are in it and below, seen or not.
std::size_t population_of(int dir);

// Sends `signal` to those of `pids` that are still members.
void signal_members(int dir, const std::vector<pid_t>& pids, int signal);

}  // namespace mycontainer::runtime::cgroup
