// From a configuration to the container's first process: what `run` and an OCI client's `create`
// share. Parent side.
#pragma once

#include <array>
#include <functional>
#include <string>

#include "reexec/sys/error.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/launch/launch.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::container {

// What hooks read on standard input (oci::State as JSON), before and after the start.
struct HookStates {
  std::string creating, created;
};

// What is made, and with what. References and descriptors are borrowed for the call.
struct Birth {
  const oci::Spec& spec;
  // Made with CgroupRequest, or still empty with the systemd driver: then filled in here.
  cgroup::Cgroup& cgroup;
  const cgroup::CgroupRequest& cgroup_request;
  std::array<int, 3> streams = {0, 1, 2};
  std::string seal_directory{};   // for reexec::sealed_self
  std::string seccomp_cache{};    // a directory, made when needed
  bool rootless = false;          // without rights in the initial user namespace
  bool follow_parent = false;     // the container dies when this process does
  std::string session_keyring{};  // a name; empty: the caller's, with all that is in it
  bool no_pivot = false;
  bool shift_root = false;  // root.path holds ids of the container's user namespace
  bool trace = false;
  launch::Gifts gifts{};
  // Called right after the clone, while the child is starting: time that costs nothing. What the
  // mounts need (files to bind) is made here at the latest.
  std::function<Result<void>(pid_t pid)> after_clone{};
  // Called when the plan was sent: what must be there before the program, and is made from outside
  // (networks), while the child works.
  std::function<Result<void>(pid_t pid)> after_plan{};
  const HookStates* states = nullptr;  // looked at after after_clone, which may fill it in
};

// Clones, plans, limits, and gives the child its "go". A container that waits for hooks of ours
// says so in launch::Started. On failure the child is gone.
Result<launch::Launch> give_birth(const Birth& birth);

// One more process in the container of `pidfd`. `spec` is the container's configuration, with
// `process` replaced.
struct ExecBirth {
  const oci::Spec& spec;
  const cgroup::Cgroup& cgroup;
  int pidfd = -1;                     // of the container's first process
  std::uint64_t join_namespaces = 0;  // CLONE_NEW*, of that process (namespaces_to_join)
  std::array<int, 3> streams = {0, 1, 2};
  std::string seal_directory{}, seccomp_cache{};
  std::string session_keyring{};
  bool may_set_groups = true;  // false where the container's user namespace denies setgroups(2)
  bool follow_parent = false;  // it dies when this process does
  launch::Gifts gifts{};
};
Result<launch::Launch> give_birth(const ExecBirth& birth);

// The namespaces of process `pid` that the configuration names and that are not ours anyway.
std::uint64_t namespaces_to_join(const oci::Spec& spec, pid_t pid);

}  // namespace mycontainer::runtime::container
