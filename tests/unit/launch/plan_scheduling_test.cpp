#include "runtime/launch/plan_scheduling.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::launch {
namespace {

oci::Spec with_process() {
  oci::Spec spec;
  spec.process.emplace();
  return spec;
}

TEST(PlanScheduling, HasNothingToDoByDefault) {
  const auto plan = plan_scheduling(with_process());
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->scheduler || plan->io_priority || plan->memory || plan->personality);
  EXPECT_TRUE(plan->initial_cpus.empty() && plan->final_cpus.empty());
}

TEST(PlanScheduling, TurnsTheSpecificationsWordsIntoTheKernelsNumbers) {
  oci::Spec spec = with_process();
  spec.process->scheduler = {
      "SCHED_DEADLINE", 0, 0, {"SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_DL_OVERRUN"}, 10, 20, 30};
  spec.process->io_priority = {"IOPRIO_CLASS_BE", 6};
  spec.process->exec_cpu_affinity = {"0-1", "1"};
  spec.linux_config.memory_policy = {"MPOL_BIND", "0,2", {"MPOL_F_STATIC_NODES"}};
  spec.linux_config.personality = {"LINUX32", {}};
  const auto plan = plan_scheduling(spec);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->scheduler->policy, 6u);
  EXPECT_EQ(plan->scheduler->flags, 5u);
  EXPECT_EQ(plan->scheduler->deadline, 20u);
  EXPECT_EQ(plan->io_priority, 2 << 13 | 6);
  EXPECT_EQ(plan->memory->mode, 2 | 1 << 15);
  EXPECT_EQ(plan->memory->nodes, std::vector<std::uint64_t>{5});
  EXPECT_EQ(plan->personality, 8u);
  EXPECT_EQ(plan->initial_cpus, std::vector<std::uint64_t>{3});
  EXPECT_EQ(plan->final_cpus, std::vector<std::uint64_t>{2});
}

TEST(PlanScheduling, NamesAWordItDoesNotKnow) {
  oci::Spec spec = with_process();
  spec.process->scheduler.emplace().policy = "FAST";
  EXPECT_EQ(plan_scheduling(spec).error().message(), "process.scheduler.policy: unknown \"FAST\"");
}

}  // namespace
}  // namespace mycontainer::runtime::launch
