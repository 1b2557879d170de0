#include "runtime/launch/plan_scheduling.h"

#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <sys/personality.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "runtime/oci/number_list.h"

namespace mycontainer::runtime::launch {

namespace {

struct Word {
  std::string_view name;
  std::uint64_t value;
};

constexpr std::array kPolicies = {
    Word{"SCHED_OTHER", SCHED_NORMAL},
    Word{"SCHED_FIFO", SCHED_FIFO},
    Word{"SCHED_RR", SCHED_RR},
    Word{"SCHED_BATCH", SCHED_BATCH},
    Word{"SCHED_ISO", 4},  // reserved, but never implemented: the kernel refuses it
    Word{"SCHED_IDLE", SCHED_IDLE},
    Word{"SCHED_DEADLINE", SCHED_DEADLINE},
};
constexpr std::array kSchedulerFlags = {
    Word{"SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK},
    Word{"SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM},
    Word{"SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN},
    Word{"SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY},
    Word{"SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS},
    Word{"SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN},
    Word{"SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX},
};
constexpr std::array kIoClasses = {
    // linux/ioprio.h of newer kernels has them
    Word{"IOPRIO_CLASS_RT", 1},
    Word{"IOPRIO_CLASS_BE", 2},
    Word{"IOPRIO_CLASS_IDLE", 3},
};
constexpr int kIoClassShift = 13;
constexpr std::array kMemoryModes = {
    Word{"MPOL_DEFAULT", MPOL_DEFAULT},  Word{"MPOL_PREFERRED", MPOL_PREFERRED},
    Word{"MPOL_BIND", MPOL_BIND},        Word{"MPOL_INTERLEAVE", MPOL_INTERLEAVE},
    Word{"MPOL_LOCAL", MPOL_LOCAL},      Word{"MPOL_PREFERRED_MANY", 5},  // Linux 5.15
    Word{"MPOL_WEIGHTED_INTERLEAVE", 6},                                  // Linux 6.9
};
constexpr std::array kMemoryFlags = {
    Word{"MPOL_F_STATIC_NODES", 1 << 15},
    Word{"MPOL_F_RELATIVE_NODES", 1 << 14},
    Word{"MPOL_F_NUMA_BALANCING", 1 << 13},
};

Result<std::uint64_t> value_of(const char* path, std::string_view name, const auto& table) {
  const auto* found = std::ranges::find(table, name, &Word::name);
  if (found == table.end()) return fail("{}: unknown \"{}\"", path, name);
  return found->value;
}

Result<std::uint64_t> values_of(const char* path, const std::vector<std::string>& names,
                                const auto& table) {
  std::uint64_t all = 0;
  for (const std::string& name : names) {
    TRY(const std::uint64_t one, value_of(path, name, table));
    all |= one;
  }
  return all;
}

Result<init::SchedulerPlan> plan_scheduler(const oci::Scheduler& scheduler) {
  init::SchedulerPlan plan;
  TRY(const auto policy, value_of("process.scheduler.policy", scheduler.policy, kPolicies));
  TRY(plan.flags, values_of("process.scheduler.flags", scheduler.flags, kSchedulerFlags));
  plan.policy = static_cast<std::uint32_t>(policy);
  plan.nice = scheduler.nice;
  plan.priority = static_cast<std::uint32_t>(scheduler.priority);
  plan.runtime = scheduler.runtime;
  plan.deadline = scheduler.deadline;
  plan.period = scheduler.period;
  return plan;
}

Result<init::MemoryPolicyPlan> plan_memory(const oci::MemoryPolicy& policy) {
  init::MemoryPolicyPlan plan;
  TRY(const auto mode, value_of("linux.memoryPolicy.mode", policy.mode, kMemoryModes));
  TRY(const auto flags, values_of("linux.memoryPolicy.flags", policy.flags, kMemoryFlags));
  plan.mode = static_cast<std::int32_t>(mode | flags);
  TRY(plan.nodes, oci::parse_number_list(policy.nodes));
  return plan;
}

Result<std::int32_t> plan_io_priority(const oci::IoPriority& priority) {
  TRY(const auto level, value_of("process.ioPriority.class", priority.priority_class, kIoClasses));
  return static_cast<std::int32_t>(level << kIoClassShift) | priority.priority;
}

}  // namespace

Result<init::SchedulingPlan> plan_scheduling(const oci::Spec& spec) {
  const oci::Process& process = *spec.process;
  const oci::Linux& config = spec.linux_config;
  init::SchedulingPlan plan;
  if (process.scheduler) {
    TRY(plan.scheduler, plan_scheduler(*process.scheduler));
  }
  if (process.io_priority) {
    TRY(plan.io_priority, plan_io_priority(*process.io_priority));
  }
  if (config.memory_policy) {
    TRY(plan.memory, plan_memory(*config.memory_policy));
  }
  if (config.personality) {
    plan.personality = config.personality->domain == "LINUX32" ? PER_LINUX32 : PER_LINUX;
  }
  if (process.exec_cpu_affinity) {
    TRY(plan.initial_cpus, oci::parse_number_list(process.exec_cpu_affinity->initial));
    TRY(plan.final_cpus, oci::parse_number_list(process.exec_cpu_affinity->final));
  }
  return plan;
}

}  // namespace mycontainer::runtime::launch
