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

struct JoinedNamespace {
  std::uint64_t flag = 0;  // CLONE_NEW*
  std::string path;
};

// What the parent half must know to start the child.
struct StartPlan {
  std::uint64_t new_namespaces =
      0;  // for the clone; a new cgroup namespace is the child's own work
  std::vector<JoinedNamespace> joined;
  std::vector<oci::IdMapping> uid_map, gid_map;
  bool may_set_groups =
      true;  // false: setgroups(2) is denied in the new user namespace (user_namespaces(7))
  std::string time_offsets;  // for timens_offsets (time_namespaces(7)), of the new time namespace
  bool terminal = false;
  int parent_death_signal = 0;
};

// Errors name the place in the configuration ("linux.namespaces: ...").
Result<StartPlan> plan_start(const oci::Spec& spec);

// What the configuration cannot say.
struct InitFacts {
  std::string seccomp_filter;  // compiled from linux.seccomp
  std::uint32_t seccomp_flags = 0;
  // What the hooks of the child read (runtime.md, "State"), as JSON.
  std::string creating_state, created_state;
  // What a mount of type "cgroup" means on this host (cgroup::Cgroup::mounts).
  std::vector<oci::Mount> cgroup_mounts;
  std::string session_keyring;  // init::IdentityPlan
  bool no_pivot = false;
  bool trace = false;
  bool shift_root = false;  // root.path holds ids of the container's user namespace
  bool rootless = false;    // without rights in the initial user namespace: makes no device nodes
};

// What the child half must do. It can be planned while the child is still starting. Errors as above
// ("mounts[2]: ...").
Result<init::InitPlan> plan_init(const oci::Spec& spec, const StartPlan& start,
                                 const InitFacts& facts);

// The same for one more process in a container that runs: `spec` is the container's configuration
// with `process` replaced.
Result<init::InitPlan> plan_exec(const oci::Spec& spec, const StartPlan& start,
                                 const InitFacts& facts);

}  // namespace mycontainer::runtime::launch
