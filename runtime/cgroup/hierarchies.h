// Which cgroup hierarchies this host has, and where they are mounted. Parent side.
//
// Three kinds of host exist: pure v2 (one cgroup2 filesystem at /sys/fs/cgroup), pure v1 (one
// filesystem per group of controllers) and hybrid (v1 plus an extra cgroup2, usually at
// /sys/fs/cgroup/unified). Source: cgroups(7), systemd's "Control Group APIs and Delegation".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::cgroup {

struct V1Hierarchy {
  std::vector<std::string> controllers;  // "cpu", "cpuacct"; a named one: "name=systemd"
  std::string mount_point;
};

struct Hierarchies {
  std::string v2;                 // mount point of the cgroup2 filesystem; empty: there is none
  bool pure_v2 = false;           // v1 does not exist here
  bool v1_known = false;          // v1 below was filled in
  std::vector<V1Hierarchy> v1{};  // in mount order
};

// Where to look; the defaults are the host's own, tests bring their own files.
struct HostFiles {
  std::string root = "/sys/fs/cgroup";
  std::string mountinfo = "/proc/self/mountinfo";
  std::string own = "/proc/self/cgroup";
};

// Two statfs(2) at most on a pure v2 or hybrid host; v1 is left unknown there. Reads mountinfo only
// when no cgroup2 is at the usual places. A host without any cgroup filesystem is not an error.
Result<Hierarchies> find_hierarchies(const HostFiles& files = {});

// Fills in `v1` from mountinfo unless it is known. One read of a file that is long on hosts with
// many mounts, so only for limits that were asked for and for cleaning up.
Result<void> find_v1(Hierarchies& hierarchies, const HostFiles& files = {});

// Pure: the cgroup mounts in the text of a mountinfo file (proc_pid_mountinfo(5)), of which the
// first per hierarchy counts.
Hierarchies parse_mountinfo(std::string_view text);

// Pure: this process's path in the v2 hierarchy from the text of /proc/self/cgroup ("0::/user.slice
// ..."), or empty when there is none or it lies outside of the cgroup namespace's root ("/..").
std::string parse_own_v2_path(std::string_view text);

// The hierarchy that has `controller`, or null. Asks for v1 to be known.
const V1Hierarchy* find_controller(const Hierarchies& hierarchies, std::string_view controller);

// The highest cgroup above (or equal to) this process's own in which this user may make cgroups and
// move processes, as a path below `v2`; empty when nothing was delegated. On a systemd host that is
// user@UID.service for everything systemd's user manager started.
Result<std::string> delegated_path(const std::string& v2, const HostFiles& files = {});

}  // namespace mycontainer::runtime::cgroup
