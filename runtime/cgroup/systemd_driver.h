// The parts of Cgroup that talk to systemd. Parent side; cgroup.h is what other folders use.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/cgroup/request.h"
#include "runtime/cgroup/resources.h"

namespace mycontainer::runtime::cgroup {

struct AdoptedUnit {
  std::string name;  // "libpod-c1.scope"
  std::string path;  // of its cgroup, below the v2 mount point
};

// Makes the request's unit with `pid` in it and those of the limits that systemd knows.
Result<AdoptedUnit> start_unit(const CgroupRequest& request, const std::vector<Setting>& limits,
                               pid_t pid, const std::string& v2_mount);

Result<void> stop_unit(const std::string& unit, bool user_bus);

Result<void> set_unit_limits(const std::string& unit, bool user_bus,
                             const std::vector<Setting>& limits);

}  // namespace mycontainer::runtime::cgroup
