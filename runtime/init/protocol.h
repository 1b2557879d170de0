// What the two processes of a start say to each other. Both sides include this.
//
//   parent (runtime/launch)                         child (runtime/init)
//      |  clone3, execve(self, "mycontainer-init")      |
//      |------------------------------------------------>|  dispatch, entry
//      |  kJoin: JoinPlan, namespaces to join            |  (only when some exist already, or
//      |------------------------------------------------>|   have clock offsets: join.h)
//      |      kJoined: pidfd of the child's own child,   |
//      |<------------------------------------------------|   which goes on in its place
//      |  kMounts: mounts that kPlan has no room for     |  (only with very many)
//      |  kPlan: InitPlan, and the mounts it was given   |
//      |------------------------------------------------>|  steps up to the cgroup namespace
//      |  kGo: cgroups and host files are ready; with it |
//      |  come the "tasks" files of v1 cgroups to enter  |
//      |------------------------------------------------>|  the other steps
//      |        kHooks: mounts are in place, before the  |  (only with hooks that the parent
//      |<------------------------------------------------|   runs; it answers kGo)
//      |             kConsole: the terminal's master end |  (only with a terminal)
//      |<------------------------------------------------|
//      |   kSeccompListener: answers its notifications   |  (only with SCMP_ACT_NOTIFY: the child
//      |<------------------------------------------------|   may wait for the agent from here on)
//      |          kTrace: every step's name and time     |  (only with --trace)
//      |<------------------------------------------------|
//      |        kReady: waits for the start fifo         |  (only when created to be started
//      |<------------------------------------------------|   later)
//      |  kGo: the container is published                |  (then: the conversation ends)
//      |------------------------------------------------>|
//      |                    execve of the user's program |
//      |                end of file: it has started      |
//      |<------------------------------------------------|
//      |    or kFailed {step, Error}: it never will      |
//
// The child's end is close-on-exec, so that a successful execve is what ends the conversation. A
// container that was only created tells a later failure through a file (GivenPlan::start_failure).
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::init {

enum class MessageType : std::uint32_t {
  kPlan = 1,
  kGo,
  kConsole,
  kTrace,
  kFailed,
  kMounts,
  kJoin,
  kJoined,
  kHooks,
  kReady,
  kSeccompListener,
};

// What the join stage does before it makes the container's first process. The descriptors come
// with the message: one for each of `joined`, then the cgroup when `into_cgroup`.
struct JoinPlan {
  std::vector<std::uint64_t> joined;  // CLONE_NEW* bits; several for a pidfd (setns(2))
  std::uint64_t new_namespaces = 0;   // CLONE_NEW* of the clone3 that makes the process
  std::string time_offsets;           // what goes into timens_offsets; empty: none
  bool into_cgroup = false;
  // execCPUAffinity.initial: holds before the cgroup is entered.
  std::vector<std::uint64_t> initial_cpus;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.joined, self.new_namespaces, self.time_offsets, self.into_cgroup,
                    self.initial_cpus);
  }
};

struct Joined {
  std::int32_t pid = 0;  // of the process, as the parent sees it; its pidfd comes with the message

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.pid);
  }
};

struct StepFailure {
  std::string step, operation, hint;
  std::int32_t code = 0;
  std::int32_t exit_status = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.step, self.operation, self.hint, self.code, self.exit_status);
  }
};

// Times are microseconds of CLOCK_MONOTONIC, so that both processes' can be put in one table.
struct StepTime {
  std::string name;
  std::int64_t begin = 0, end = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.name, self.begin, self.end);
  }
};

// The clock of StepTime.
std::int64_t now_microseconds();

}  // namespace mycontainer::runtime::init
