#include "runtime/init/steps.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace mycontainer::runtime::init {
namespace {

std::vector<std::string> ran;

Result<void> first(Context&) {
  ran.emplace_back("first");
  return {};
}
Result<void> refuses(Context&) { return fail_code(EPERM, "mount proc"); }
Result<void> never(Context&) {
  ran.emplace_back("never");
  return {};
}

struct RunSteps : ::testing::Test {
  InitPlan plan;
  reexec::Channel channel;
  Context context{.plan = plan, .channel = channel};
  void SetUp() override { ran.clear(); }
};

TEST_F(RunSteps, StopsAtTheFirstFailureAndNamesIt) {
  constexpr std::array kSteps = {Step{"one", first}, Step{"two", refuses}, Step{"three", never}};
  const auto done = run_steps(kSteps, context, nullptr);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().step, "two");
  EXPECT_EQ(done.error().error.message(), "mount proc: Operation not permitted (EPERM)");
  EXPECT_EQ(ran, std::vector<std::string>{"first"});
}

TEST_F(RunSteps, TimesEveryStepInOrderWhenAsked) {
  constexpr std::array kSteps = {Step{"one", first}, Step{"three", never}};
  std::vector<StepTime> times;
  ASSERT_TRUE(run_steps(kSteps, context, &times));
  ASSERT_EQ(times.size(), 2U);
  EXPECT_EQ(times[0].name, "one");
  EXPECT_EQ(times[1].name, "three");
  EXPECT_LE(times[0].begin, times[0].end);
  EXPECT_LE(times[0].end, times[1].begin);
}

// What the container's safety rests on (steps.cpp gives the reasons).
TEST(ContainerSteps, KeepTheOrderThatSafetyNeeds) {
  const auto steps = container_steps();
  const auto at = [&steps](std::string_view name) {
    const auto found = std::ranges::find(steps, name, &Step::name);
    EXPECT_NE(found, steps.end()) << name;
    return found - steps.begin();
  };
  EXPECT_LT(at("propagation"), at("prepare root"));
  EXPECT_LT(at("cgroup namespace"), at("prepare mounts"));
  EXPECT_LT(at("prepare mounts"), at("enter root"));
  EXPECT_LT(at("enter root"), at("mounts"));
  EXPECT_LT(at("mounts"), at("protected paths"));
  EXPECT_LT(at("sysctl"), at("protected paths"));
  EXPECT_LT(at("create working directory"), at("root attributes"));
  EXPECT_LT(at("bounding capabilities"), at("identity"));
  EXPECT_LT(at("scheduling"), at("bounding capabilities"));
  EXPECT_LT(at("identity"), at("working directory as the user"));
  EXPECT_LT(at("hooks before the pivot"), at("enter root"));
  EXPECT_LT(at("enter root"), at("working directory"));
  EXPECT_LT(at("working directory as the user"), at("capabilities"));
  EXPECT_LT(at("find program"), at("wait for start"));
  EXPECT_LT(at("capabilities"), at("wait for start"));
  EXPECT_LT(at("wait for start"), at("startContainer hooks"));
  EXPECT_EQ(at("seccomp"), static_cast<std::ptrdiff_t>(steps.size()) - 1);
}

}  // namespace
}  // namespace mycontainer::runtime::init
