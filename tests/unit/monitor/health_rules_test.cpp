#include "runtime/monitor/health_rules.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::monitor {
namespace {

constexpr state::Nanoseconds kSecond = 1'000'000'000;

state::Health starting() {
  state::Health health;
  health.status = kStarting;
  return health;
}

void probe(state::Health& health, const state::HealthCheck& check, int exit_code,
           state::Nanoseconds since_start = 1000 * kSecond) {
  add_probe(health, check, {0, 0, exit_code, ""}, since_start);
}

std::vector<std::string> command_of(std::vector<std::string> test) {
  state::HealthCheck check;
  check.test = std::move(test);
  return probe_command(check);
}

TEST(HealthRules, ZerosAreDockersDefaults) {
  const auto check = with_defaults({});
  EXPECT_EQ(check.interval, 30 * kSecond);
  EXPECT_EQ(check.timeout, 30 * kSecond);
  EXPECT_EQ(check.start_period, 0);
  EXPECT_EQ(check.start_interval, 5 * kSecond);
  EXPECT_EQ(check.retries, 3);
}

TEST(HealthRules, OnlyCommandsAreRun) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(command_of({"CMD", "a", "b"}), (Words{"a", "b"}));
  EXPECT_EQ(command_of({"CMD-SHELL", "a b"}), (Words{"/bin/sh", "-c", "a b"}));
  EXPECT_TRUE(command_of({"NONE"}).empty());
  EXPECT_TRUE(command_of({"CMD"}).empty());
  EXPECT_TRUE(command_of({"EXEC", "a"}).empty());
  EXPECT_TRUE(probe_command({}).empty());
}

TEST(HealthRules, OneSuccessIsHealthyAndEnoughFailuresInARowAreUnhealthy) {
  auto check = with_defaults({});
  check.retries = 2;
  auto health = starting();
  probe(health, check, 1);
  EXPECT_EQ(health.status, kStarting);
  probe(health, check, 0);
  EXPECT_EQ(health.status, kHealthy);
  EXPECT_EQ(health.failing_streak, 0);
  probe(health, check, 137);
  EXPECT_EQ(health.status, kHealthy);
  probe(health, check, -1);
  EXPECT_EQ(health.status, kUnhealthy);
  EXPECT_EQ(health.failing_streak, 2);
  probe(health, check, 0);
  EXPECT_EQ(health.status, kHealthy);
}

TEST(HealthRules, FailuresOfTheStartPeriodDoNotCountUntilASuccess) {
  auto check = with_defaults({});
  check.start_period = 10 * kSecond;
  check.retries = 1;
  auto health = starting();
  probe(health, check, 1, 9 * kSecond);
  EXPECT_EQ(health.failing_streak, 0);
  EXPECT_EQ(health.status, kStarting);
  EXPECT_EQ(health.log.size(), 1U);
  probe(health, check, 1, 10 * kSecond);
  EXPECT_EQ(health.status, kUnhealthy);

  auto other = starting();
  probe(other, check, 0, 1 * kSecond);
  probe(other, check, 1, 2 * kSecond);
  EXPECT_EQ(other.status, kUnhealthy);
}

TEST(HealthRules, TheLastFiveProbesAreKept) {
  const auto check = with_defaults({});
  auto health = starting();
  for (int code = 1; code <= 7; ++code) probe(health, check, code);
  ASSERT_EQ(health.log.size(), 5U);
  EXPECT_EQ(health.log.front().exit_code, 3);
  EXPECT_EQ(health.log.back().exit_code, 7);
}

TEST(HealthRules, ProbesComeQuickerWhileItStarts) {
  state::HealthCheck check;
  check.interval = 60 * kSecond;
  check.start_period = 10 * kSecond;
  check.start_interval = 1 * kSecond;
  EXPECT_EQ(probe_interval(check, kStarting, 0), 1 * kSecond);
  EXPECT_EQ(probe_interval(check, kStarting, 10 * kSecond), 60 * kSecond);
  EXPECT_EQ(probe_interval(check, kHealthy, 0), 60 * kSecond);
}

}  // namespace
}  // namespace mycontainer::runtime::monitor
