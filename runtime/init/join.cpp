#include "runtime/init/join.h"

#include <linux/sched.h>
#include <sched.h>
#include <unistd.h>

#include <span>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"
#include "reexec/wire.h"
#include "runtime/init/protocol.h"
#include "runtime/init/scheduling.h"

namespace mycontainer::runtime::init {

namespace {

// Who is in a cgroup namespace that does not hold his own cgroup can make no process in another one
// ("nsdelegate" in cgroups(7): ENOENT), so the new process joins that one itself.
std::uint64_t left_to_child(const JoinPlan& plan) { return plan.into_cgroup ? CLONE_NEWCGROUP : 0; }

Result<void> join_what_is_left(const JoinPlan& plan, std::span<const UniqueFd> namespaces) {
  for (std::size_t i = 0; i < plan.joined.size(); ++i) {
    const std::uint64_t left = plan.joined[i] & left_to_child(plan);
    if (left != 0 && ::setns(namespaces[i].get(), static_cast<int>(left)) < 0) {
      return fail_errno("join the cgroup namespace");
    }
  }
  return {};
}

// Which rights are there depends on which user namespace comes when: those that the present one
// owns are joined before its rights are given up, the others with the rights in the new one.
Result<void> join_all(const JoinPlan& plan, std::span<const UniqueFd> namespaces) {
  std::vector<std::size_t> later;
  const auto wanted = [&](std::size_t i) {
    return static_cast<int>(plan.joined[i] & ~left_to_child(plan));
  };
  for (std::size_t i = 0; i < plan.joined.size(); ++i) {
    if (wanted(i) == 0) continue;
    if (wanted(i) == CLONE_NEWUSER) {
      later.insert(later.begin(), i);
      continue;
    }
    if (::setns(namespaces[i].get(), wanted(i)) == 0) continue;
    if (errno != EPERM) return fail_errno("join a namespace");
    later.push_back(i);
  }
  for (const std::size_t i : later) {
    if (::setns(namespaces[i].get(), wanted(i)) < 0) return fail_errno("join a namespace");
  }
  return {};
}

// Offsets can be set only as long as no process is a member of the namespace.
Result<void> make_time_namespace(const std::string& offsets) {
  if (::unshare(CLONE_NEWTIME) < 0) return fail_errno("unshare the time namespace");
  return sys::write_file_at(AT_FDCWD, "/proc/self/timens_offsets", offsets);
}

Result<void> tell_parent(const reexec::Channel& channel, pid_t pid, int pidfd) {
  const Joined joined{pid};
  return channel.send(static_cast<std::uint32_t>(MessageType::kJoined), reexec::encode(joined),
                      std::span(&pidfd, 1));
}

Result<JoinSide> make_process(reexec::Channel& channel, const JoinPlan& plan, int cgroup) {
  int pidfd = -1;
  clone_args arguments{};
  arguments.flags = CLONE_PARENT | CLONE_PIDFD | plan.new_namespaces;
  arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  if (cgroup >= 0) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<std::uint64_t>(cgroup);
  }
  const long pid = sys::clone3(&arguments);
  if (pid < 0) return fail_errno("clone the container's first process");
  if (pid == 0) {
    // A session of its own, which the joiner's is not; one with a terminal is made with it.
    ::setsid();
    return JoinSide::kContainer;
  }
  const UniqueFd owned(pidfd);
  TRY_VOID(tell_parent(channel, static_cast<pid_t>(pid), owned.get()));
  return JoinSide::kJoiner;
}

}  // namespace

Result<JoinSide> join(reexec::Channel& channel, reexec::Message message) {
  TRY(JoinPlan plan, reexec::decode<JoinPlan>(message.bytes));
  const std::size_t expected = plan.joined.size() + (plan.into_cgroup ? 1 : 0);
  if (message.fds.size() != expected) return fail("the parent process sent too few namespaces");
  if (!plan.time_offsets.empty()) {
    TRY_VOID(make_time_namespace(plan.time_offsets));
    plan.new_namespaces &= ~static_cast<std::uint64_t>(CLONE_NEWTIME);
  }
  TRY_VOID(apply_initial_affinity({.initial_cpus = plan.initial_cpus}));
  TRY_VOID(join_all(plan, message.fds));
  const int cgroup = plan.into_cgroup ? message.fds.back().get() : -1;
  TRY(const JoinSide side, make_process(channel, plan, cgroup));
  if (side == JoinSide::kContainer) TRY_VOID(join_what_is_left(plan, message.fds));
  return side;
}

}  // namespace mycontainer::runtime::init
