#include "runtime/monitor/health.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "runtime/monitor/health_rules.h"

namespace mycontainer::runtime::monitor {
namespace {

constexpr state::Nanoseconds kSecond = 1'000'000'000;

// A monitor's part in it, with a clock of its own: tests/unit/monitor/main.cpp is the probe.
class Health : public ::testing::Test {
 protected:
  HealthMonitor& monitor(const std::string& command) {
    state::Record record;
    record.id = "the-id";
    record.health_check.test = {"CMD", command};
    record.health_check.interval = 10 * kSecond;
    record.health_check.timeout = 1 * kSecond;
    record.health_check.retries = 2;
    monitor_.emplace(state::Roots{"/nowhere", "/nowhere"}, record);
    monitor_->begin(now_);
    return *monitor_;
  }

  // Goes on to the deadline and starts a probe.
  void start_probe() {
    now_ = monitor_->deadline().value();
    EXPECT_FALSE(monitor_->step(now_));
    ASSERT_GE(monitor_->fd(), 0);
  }
  // Until it has an answer: whether health has changed.
  bool take_answer() {
    pollfd waiting{monitor_->fd(), POLLIN, 0};
    EXPECT_EQ(::poll(&waiting, 1, 20'000), 1);
    return monitor_->step(now_);
  }

  state::Nanoseconds now_ = 1000 * kSecond;
  std::optional<HealthMonitor> monitor_;
};

TEST_F(Health, WithoutACheckNothingIsEverDue) {
  HealthMonitor none({"/nowhere", "/nowhere"}, {});
  none.begin(0);
  EXPECT_FALSE(none.has_check());
  EXPECT_FALSE(none.deadline());
  EXPECT_FALSE(none.step(1'000'000 * kSecond));
  EXPECT_EQ(none.fd(), -1);
  EXPECT_EQ(none.health().status, "");
}

TEST_F(Health, ItIsStartingUntilTheFirstProbeWhichComesAnIntervalAfterTheStart) {
  auto& health = monitor("succeed");
  EXPECT_EQ(health.health().status, kStarting);
  EXPECT_EQ(health.deadline(), now_ + 10 * kSecond);
  EXPECT_FALSE(health.step(now_ + 9 * kSecond));
  EXPECT_EQ(health.fd(), -1);
  start_probe();
  EXPECT_TRUE(take_answer());
  EXPECT_EQ(health.health().status, kHealthy);
  EXPECT_EQ(health.event(), "health_status: healthy");
  ASSERT_EQ(health.health().log.size(), 1U);
  EXPECT_EQ(health.health().log[0].output, "the-id");
  EXPECT_EQ(health.fd(), -1);
  EXPECT_EQ(health.deadline(), now_ + 10 * kSecond);
}

TEST_F(Health, FailuresInARowMakeItUnhealthyAndOneEventTellsSo) {
  auto& health = monitor("fail");
  start_probe();
  EXPECT_TRUE(take_answer());
  EXPECT_EQ(health.event(), "");
  start_probe();
  EXPECT_TRUE(take_answer());
  EXPECT_EQ(health.health().status, kUnhealthy);
  EXPECT_EQ(health.event(), "health_status: unhealthy");
  start_probe();
  EXPECT_TRUE(take_answer());
  EXPECT_EQ(health.event(), "");
  EXPECT_EQ(health.health().failing_streak, 3);
}

TEST_F(Health, AProbeThatDiesIsAFailureAndOneThatIsSkippedIsNone) {
  auto& dying = monitor("die");
  start_probe();
  EXPECT_TRUE(take_answer());
  EXPECT_EQ(dying.health().failing_streak, 1);
  EXPECT_EQ(dying.health().log[0].exit_code, -1);
  auto& skipped = monitor("skip");
  start_probe();
  EXPECT_FALSE(take_answer());
  EXPECT_TRUE(skipped.health().log.empty());
  EXPECT_TRUE(skipped.deadline());
}

TEST_F(Health, AProbeThatNeverAnswersIsGivenUp) {
  auto& health = monitor("hang");
  start_probe();
  EXPECT_FALSE(health.step(now_ + 2 * kSecond));
  now_ = health.deadline().value();
  EXPECT_TRUE(health.step(now_));
  EXPECT_EQ(health.fd(), -1);
  EXPECT_EQ(health.health().failing_streak, 1);
}

TEST_F(Health, StopForgetsARunningProbeAndBeginStartsAfresh) {
  auto& health = monitor("hang");
  start_probe();
  health.stop();
  EXPECT_EQ(health.fd(), -1);
  EXPECT_FALSE(health.deadline());
  health.begin(now_);
  EXPECT_EQ(health.health().status, kStarting);
  EXPECT_EQ(health.deadline(), now_ + 10 * kSecond);
}

}  // namespace
}  // namespace mycontainer::runtime::monitor
