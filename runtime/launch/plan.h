// From a configuration to what the two halves of a start have to do. Pure: no system call is made
// here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/init/plan.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::launch {

// What the configuration cannot say.
struct LaunchFacts {
  // The caller is root of its own user namespace: it prepares what a container's new user namespace
  // may not.
  bool privileged = true;
  bool may_set_groups = true;
  std::optional<init::TerminalPlan> terminal;  // the caller's window, when process.terminal
  std::string seccomp_filter;                  // compiled from linux.seccomp
  std::uint32_t seccomp_flags = 0;
  // What a mount of type "cgroup" means on this host (cgroup::Cgroup::mounts).
  std::vector<oci::Mount> cgroup_mounts;
  int parent_death_signal = 0;
  bool trace = false;
};

struct JoinedNamespace {
  std::uint64_t flag = 0;  // CLONE_NEW*
  std::string path;
};

// What the parent half does itself, and the plan it sends.
struct LaunchPlan {
  std::uint64_t new_namespaces =
      0;  // CLONE_NEW* for the clone; CLONE_NEWCGROUP is the child's own work
  std::vector<JoinedNamespace> joined;
  std::vector<oci::IdMapping> uid_map, gid_map;
  bool parent_prepares = false;  // the root and the binds are made by the parent and sent along
  init::InitPlan init;
};

// Errors name the place in the configuration ("mounts[2].options: ...").
Result<LaunchPlan> plan_launch(const oci::Spec& spec, const LaunchFacts& facts);

}  // namespace mycontainer::runtime::launch
