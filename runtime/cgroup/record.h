// Where a container's cgroup is, as data for a state file: another process finds it again by
// Cgroup::reopen(). Parent side; nothing here does input or output.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mycontainer::runtime::cgroup {

struct CgroupRecord {
  // The container's directory in one hierarchy.
  struct Place {
    std::string mount_point;                 // "/sys/fs/cgroup/memory"
    std::string path;                        // "/mycontainer/c1", below mount_point
    std::vector<std::string> controllers{};  // v1: the hierarchy's; "name=systemd" for a named one
    bool v2 = false;
  };
  std::vector<Place> places;  // v2's first; empty: the container runs in its creator's cgroup
  std::string unit{};         // made by systemd: the unit's name, "libpod-c1.scope"
  bool user_bus = false;      // ... by the user's systemd, not by the system's
  bool rootless = false;
};

// The directory that keeps `controller` ("memory", v1's "blkio" and v2's "io" mean the same):
// of the v1 hierarchy that has it, else v2's. "" is v2 itself. Empty when there is none.
std::string path_of(const CgroupRecord& record, std::string_view controller);

// What clients know from runc's state file as "cgroup_paths": for each v1 controller (named
// hierarchies by their whole name, "name=systemd") the directory, and for v2 that of "".
std::vector<std::pair<std::string, std::string>> paths_of(const CgroupRecord& record);

}  // namespace mycontainer::runtime::cgroup
