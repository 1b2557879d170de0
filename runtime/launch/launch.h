// The parent half of a start: from a StartPlan and an InitPlan to a running container. What the two
// halves say to each other is in runtime/init/protocol.h.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "reexec/channel.h"
#include "reexec/process.h"
#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/init/protocol.h"
#include "runtime/launch/plan.h"

namespace mycontainer::runtime::launch {

struct LaunchRequest {
  std::array<int, 3> streams = {0, 1, 2};  // borrowed; the child's descriptors 0, 1, 2
  int cgroup_fd = -1;                      // born in it (CLONE_INTO_CGROUP); -1: stays in ours
  std::string seal_directory{};            // for reexec::sealed_self
  // A process of the container to join, by its pidfd, and which of its namespaces (CLONE_NEW*).
  int join_pidfd = -1;
  std::uint64_t join_namespaces = 0;
  std::vector<std::uint64_t> initial_cpus{};  // of a process that joins; init::JoinPlan
};

// Descriptors to go with the plan, all borrowed; init::GivenPlan says what they are for.
struct Gifts {
  int start_fifo = -1, start_failure = -1;  // both or none
  std::span<const int> preserved{};
};

struct Started {
  UniqueFd console;                   // the terminal's master end, when the plan has a terminal
  std::vector<init::StepTime> times;  // with tracing
  bool wants_hooks = false;           // waits for the parent's hooks: run them, then go()
  bool held = false;                  // complete, and waits for its start
  // With SCMP_ACT_NOTIFY: at once for security::send_seccomp_listener, because the child may wait
  // for the agent before it sends anything else.
  UniqueFd seccomp_listener;
};

// A container between clone and end. Destroying it kills what still runs and reaps it.
class Launch {
 public:
  // Starts the child, which waits for its plan. The time until it can read one is the parent's to
  // use.
  static Result<Launch> start(StartPlan plan, const LaunchRequest& request);

  // Sends the plan, after preparing what the child may not prepare itself; the sources of all
  // mounts must exist. The child then runs up to its step "wait for parent".
  Result<void> send(init::InitPlan plan, const Gifts& gifts = {});
  // What the child waits for is done. The first time its cgroups are ready, and it is in all of
  // them but those it enters by itself:
  // `cgroup_entrances` are the "tasks" files of v1 cgroups.
  Result<void> go(std::span<const UniqueFd> cgroup_entrances = {});
  // Something failed outside, perhaps because the child had failed before and was gone: then the
  // child's own error, which it has sent by now; else `error`.
  Failure failure_of_child(Error error);
  // Takes the child's next message; blocks unless channel_fd() is readable. True: there is more to
  // come. False: execve has happened or the start fifo is waited for, and `started` is complete. An error is the child's own, with
  // the exit status that Docker has for it.
  Result<bool> take_message(Started& started);

  [[nodiscard]] int channel_fd() const { return channel_.fd(); }
  [[nodiscard]] reexec::Process& process() { return process_; }

 private:
  Launch(StartPlan plan, reexec::Process process, reexec::Channel channel, UniqueFd seal)
      : plan_(std::move(plan)),
        process_(std::move(process)),
        channel_(std::move(channel)),
        seal_(std::move(seal)) {}

  Result<void> join(const LaunchRequest& request);

  StartPlan plan_;
  reexec::Process process_;
  reexec::Channel channel_;
  bool must_become_root_ = false;  // the join stage made or joined the user namespace
  UniqueFd seal_;                  // closed when the child is busy (reexec/sealed_self.h)
};

}  // namespace mycontainer::runtime::launch
