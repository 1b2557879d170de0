// What the cpuset controller needs beyond one write: v1's empty children, and numbers that are not
// there. Parent side.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/cgroup/resources.h"

namespace mycontainer::runtime::cgroup {

// v1: a fresh cpuset has no cpus and no mems, and takes no process until it does. Copies the
// parent's where the child has none.
Result<void> inherit_cpuset(int parent, int child);

// Fails when the setting names a CPU or memory node that the cgroup cannot have: v2 would accept it
// and ignore it.
Result<void> check_cpuset(int dir, const Setting& setting);

// Pure: the numbers in "0-3,7", unsorted as written. Fails on anything else and on numbers of 65536
// and more.
Result<std::vector<unsigned>> parse_number_list(std::string_view text);

}  // namespace mycontainer::runtime::cgroup
