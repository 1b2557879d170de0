#include "runtime/oci/validate_scheduling.h"

#include <array>
#include <string>

#include "runtime/oci/names.h"
#include "runtime/oci/number_list.h"
#include "runtime/oci/validate_linux.h"

namespace mycontainer::runtime::oci {
namespace {

constexpr std::array<std::string_view, 3> kIoClasses = {"IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE",
                                                        "IOPRIO_CLASS_IDLE"};
constexpr std::array<std::string_view, 7> kPolicies = {"SCHED_OTHER",   "SCHED_FIFO", "SCHED_RR",
                                                       "SCHED_BATCH",   "SCHED_ISO",  "SCHED_IDLE",
                                                       "SCHED_DEADLINE"};
constexpr std::array<std::string_view, 7> kSchedulerFlags = {
    "SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM",     "SCHED_FLAG_DL_OVERRUN",
    "SCHED_FLAG_KEEP_POLICY",   "SCHED_FLAG_KEEP_PARAMS", "SCHED_FLAG_UTIL_CLAMP_MIN",
    "SCHED_FLAG_UTIL_CLAMP_MAX"};
constexpr int kNiceLeast = -20, kNiceMost = 19;

Result<void> check_words(const char* path, const std::vector<std::string>& words,
                         const auto& known) {
  for (std::size_t i = 0; i < words.size(); ++i)
    if (!contains(known, words[i])) return fail("{}[{}]: unknown \"{}\"", path, i, words[i]);
  return {};
}

Result<void> check_list(const char* path, const std::string& list) {
  auto parsed = parse_number_list(list);
  if (!parsed) return within(path, std::move(parsed).error());
  return {};
}

Result<void> check_scheduler(const Scheduler& scheduler) {
  const std::string& policy = scheduler.policy;
  if (!contains(kPolicies, policy)) return fail("process.scheduler.policy: unknown \"{}\"", policy);
  if (scheduler.nice < kNiceLeast || scheduler.nice > kNiceMost)
    return fail("process.scheduler.nice: {} is not between -20 and 19", scheduler.nice);
  if (scheduler.priority != 0 && policy != "SCHED_FIFO" && policy != "SCHED_RR")
    return fail("process.scheduler.priority: is for SCHED_FIFO and SCHED_RR only");
  if (policy != "SCHED_DEADLINE" &&
      (scheduler.runtime != 0 || scheduler.deadline != 0 || scheduler.period != 0))
    return fail("process.scheduler: runtime, deadline and period are for SCHED_DEADLINE only");
  return check_words("process.scheduler.flags", scheduler.flags, kSchedulerFlags);
}

Result<void> check_io_priority(const IoPriority& priority) {
  if (!contains(kIoClasses, priority.priority_class))
    return fail("process.ioPriority.class: unknown \"{}\"", priority.priority_class);
  if (priority.priority < 0 || priority.priority > 7)
    return fail("process.ioPriority.priority: {} is not between 0 and 7", priority.priority);
  return {};
}

}  // namespace

Result<void> validate_scheduling(const Process& process) {
  if (process.scheduler) TRY_VOID(check_scheduler(*process.scheduler));
  if (process.io_priority) TRY_VOID(check_io_priority(*process.io_priority));
  if (!process.exec_cpu_affinity) return {};
  TRY_VOID(check_list("process.execCPUAffinity.initial", process.exec_cpu_affinity->initial));
  return check_list("process.execCPUAffinity.final", process.exec_cpu_affinity->final);
}

Result<void> validate_memory_policy(const MemoryPolicy& policy) {
  if (!contains(kMemoryModes, policy.mode))
    return fail("linux.memoryPolicy.mode: unknown \"{}\"", policy.mode);
  TRY_VOID(check_words("linux.memoryPolicy.flags", policy.flags, kMemoryFlags));
  TRY_VOID(check_list("linux.memoryPolicy.nodes", policy.nodes));
  const bool takes_none = policy.mode == "MPOL_DEFAULT" || policy.mode == "MPOL_LOCAL";
  if (takes_none && !policy.nodes.empty())
    return fail("linux.memoryPolicy.nodes: {} takes none", policy.mode);
  // Without nodes MPOL_PREFERRED is MPOL_LOCAL (set_mempolicy(2)).
  if (!takes_none && policy.nodes.empty() && policy.mode != "MPOL_PREFERRED")
    return fail("linux.memoryPolicy.nodes: {} needs them", policy.mode);
  return {};
}

Result<void> validate_personality(const Personality& personality) {
  if (personality.domain != "LINUX" && personality.domain != "LINUX32")
    return fail("linux.personality.domain: unknown \"{}\"", personality.domain);
  // The specification has none so far.
  return check_words("linux.personality.flags", personality.flags,
                     std::array<std::string_view, 0>{});
}

}  // namespace mycontainer::runtime::oci
