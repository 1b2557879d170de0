// When and where the container's program runs: scheduling policy, I/O priority, memory policy,
// CPUs, execution domain. The plan is made by the parent; child side otherwise.
//
// Source: sched_setattr(2), ioprio_set(2), set_mempolicy(2), sched_setaffinity(2), personality(2);
// runtime-spec config.md "scheduler", "ioPriority", "execCPUAffinity", config-linux.md
// "memoryPolicy", "personality".
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::init {

struct SchedulerPlan {
  std::uint32_t policy = 0;  // SCHED_*
  std::uint64_t flags = 0;   // SCHED_FLAG_*
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0, deadline = 0, period = 0;  // nanoseconds

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.policy, self.flags, self.nice, self.priority, self.runtime, self.deadline,
                    self.period);
  }
};

// Masks hold number N in bit N % 64 of word N / 64.
struct MemoryPolicyPlan {
  std::int32_t mode = 0;  // MPOL_*, with MPOL_F_*
  std::vector<std::uint64_t> nodes;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.mode, self.nodes);
  }
};

struct SchedulingPlan {
  std::optional<SchedulerPlan> scheduler{};
  std::optional<std::int32_t> io_priority{};  // class << 13 | priority
  std::optional<MemoryPolicyPlan> memory{};
  std::optional<std::uint64_t> personality{};
  // Of a process that joins a running container; empty: as they are.
  std::vector<std::uint64_t> initial_cpus{}, final_cpus{};

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.scheduler, self.io_priority, self.memory, self.personality,
                    self.initial_cpus, self.final_cpus);
  }
};

// For a process that joins a running container: before it enters the container's cgroup, and once
// it is there (entering a cpuset gives a process all CPUs of it). Nothing for an empty mask.
Result<void> apply_initial_affinity(const SchedulingPlan& plan);
Result<void> apply_final_affinity(const SchedulingPlan& plan);

// The rest, for the calling thread, which must still have CAP_SYS_NICE where the plan needs it; all
// of it outlives execve.
Result<void> apply_scheduling_plan(const SchedulingPlan& plan);

}  // namespace mycontainer::runtime::init
