#include "runtime/init/scheduling.h"

#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace mycontainer::runtime::init {

namespace {

// struct sched_attr of sched_setattr(2); <linux/sched/types.h> cannot stand beside <sched.h>.
struct SchedulerAttributes {
  std::uint32_t size, policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime, deadline, period;
  std::uint32_t utilization_least, utilization_most;
};

constexpr int kIoPriorityOfProcess = 1;  // IOPRIO_WHO_PROCESS: ioprio_set(2) has no header

Result<void> set_scheduler(const SchedulerPlan& plan) {
  SchedulerAttributes attributes{};
  attributes.size = sizeof attributes;
  attributes.policy = plan.policy;
  attributes.flags = plan.flags;
  attributes.nice = plan.nice;
  attributes.priority = plan.priority;
  attributes.runtime = plan.runtime;
  attributes.deadline = plan.deadline;
  attributes.period = plan.period;
  if (::syscall(SYS_sched_setattr, 0, &attributes, 0) == 0) return {};
  auto failed = fail_errno("set the scheduling policy");
  if (failed.value().code == EPERM) {
    failed.value().hint =
        "real-time policies and negative nice values need CAP_SYS_NICE outside of any user "
        "namespace, and a cgroup that may use real-time processor time";
  }
  return failed;
}

Result<void> set_io_priority(std::int32_t priority) {
  if (::syscall(SYS_ioprio_set, kIoPriorityOfProcess, 0, priority) == 0) return {};
  auto failed = fail_errno("set the I/O priority");
  if (failed.value().code == EPERM) {
    failed.value().hint = "IOPRIO_CLASS_RT needs CAP_SYS_NICE outside of any user namespace";
  }
  return failed;
}

Result<void> set_memory_policy(const MemoryPolicyPlan& plan) {
  // The kernel takes one bit less than it is told of.
  const unsigned long bits = plan.nodes.empty() ? 0 : plan.nodes.size() * 64 + 1;
  const void* nodes = plan.nodes.empty() ? nullptr : plan.nodes.data();
  if (::syscall(SYS_set_mempolicy, plan.mode, nodes, bits) == 0) return {};
  auto failed = fail_errno("set the memory policy");
  if (failed.value().code == EINVAL) {
    failed.value().hint =
        "linux.memoryPolicy names memory nodes this machine or its cpuset does not have, or a mode "
        "its kernel does not know";
  }
  return failed;
}

Result<void> set_cpus(const std::vector<std::uint64_t>& mask, const char* which) {
  if (mask.empty()) return {};
  if (::syscall(SYS_sched_setaffinity, 0, mask.size() * sizeof mask[0], mask.data()) == 0) {
    return {};
  }
  return fail_errno("set the {} CPU affinity", which);
}

}  // namespace

Result<void> apply_initial_affinity(const SchedulingPlan& plan) {
  return set_cpus(plan.initial_cpus, "initial");
}

Result<void> apply_final_affinity(const SchedulingPlan& plan) {
  return set_cpus(plan.final_cpus, "final");
}

Result<void> apply_scheduling_plan(const SchedulingPlan& plan) {
  if (plan.scheduler) TRY_VOID(set_scheduler(*plan.scheduler));
  if (plan.io_priority) TRY_VOID(set_io_priority(*plan.io_priority));
  if (plan.memory) TRY_VOID(set_memory_policy(*plan.memory));
  if (plan.personality && ::personality(*plan.personality) < 0) {
    return fail_errno("set the execution domain");
  }
  return {};
}

}  // namespace mycontainer::runtime::init
