#include "runtime/init/scheduling.h"

#include <gtest/gtest.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tests/support/in_namespaces.h"

namespace mycontainer::runtime::init {
namespace {

// What is set stays with the process, so each body has one of its own.
TEST(Scheduling, SetsPolicyAndNice) {
  test::in_namespaces(0, [] {
    SchedulingPlan plan;
    plan.scheduler = SchedulerPlan{SCHED_BATCH, 1, 7, 0, 0, 0, 0};
    ASSERT_TRUE(apply_scheduling_plan(plan));
    EXPECT_EQ(::sched_getscheduler(0), SCHED_BATCH | SCHED_RESET_ON_FORK);
    EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), 7);
  });
}

TEST(Scheduling, SetsARealTimePriorityOrSaysWhatItNeeds) {
  test::in_namespaces(0, [] {
    SchedulingPlan plan;
    plan.scheduler = SchedulerPlan{SCHED_FIFO, 0, 0, 3, 0, 0, 0};
    const auto done = apply_scheduling_plan(plan);
    if (done) {
      sched_param parameters{};
      ASSERT_EQ(::sched_getparam(0, &parameters), 0);
      EXPECT_EQ(parameters.sched_priority, 3);
    } else {
      EXPECT_EQ(done.error().code, EPERM);
      EXPECT_FALSE(done.error().hint.empty());
    }
  });
}

TEST(Scheduling, SetsIoPriorityMemoryPolicyAndDomain) {
  test::in_namespaces(0, [] {
    SchedulingPlan plan;
    plan.io_priority = 3 << 13;  // idle
    plan.memory = MemoryPolicyPlan{MPOL_BIND | MPOL_F_STATIC_NODES, {1}};
    plan.personality = PER_LINUX32;
    const auto done = apply_scheduling_plan(plan);
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(::syscall(SYS_ioprio_get, 1, 0), 3 << 13);
    int mode = 0;
    unsigned long nodes[16] = {};
    ASSERT_EQ(::syscall(SYS_get_mempolicy, &mode, nodes, sizeof nodes * 8, nullptr, 0), 0);
    EXPECT_EQ(mode, MPOL_BIND | MPOL_F_STATIC_NODES);
    EXPECT_EQ(nodes[0], 1ul);
    EXPECT_EQ(::personality(0xffffffff), PER_LINUX32);
  });
}

TEST(Scheduling, ExplainsAMemoryNodeThatIsNotThere) {
  test::in_namespaces(0, [] {
    SchedulingPlan plan;
    plan.memory = MemoryPolicyPlan{MPOL_BIND, {std::uint64_t{1} << 63}};
    const auto done = apply_scheduling_plan(plan);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, EINVAL);
    EXPECT_FALSE(done.error().hint.empty());
  });
}

TEST(Scheduling, PutsTheProcessOnTheCpusOfEachPhase) {
  test::in_namespaces(0, [] {
    SchedulingPlan plan;
    ASSERT_TRUE(apply_initial_affinity(plan));  // nothing asked for
    plan.initial_cpus = {1};
    ASSERT_TRUE(apply_initial_affinity(plan));
    cpu_set_t set;
    ASSERT_EQ(::sched_getaffinity(0, sizeof set, &set), 0);
    EXPECT_EQ(CPU_COUNT(&set), 1);
    EXPECT_TRUE(CPU_ISSET(0, &set));
    plan.final_cpus = {std::uint64_t{1} << 63};
    EXPECT_EQ(apply_final_affinity(plan).error().code, EINVAL);
  });
}

}  // namespace
}  // namespace mycontainer::runtime::init
