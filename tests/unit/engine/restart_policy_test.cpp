#include "runtime/engine/restart_policy.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::engine {
namespace {

using state::RestartKind;

state::State ended(int exit_code, int restarts = 0, bool by_user = false) {
  state::State state;
  state.started = 1;
  state.exit_code = exit_code;
  state.restart_count = restarts;
  state.stopped_by_user = by_user;
  return state;
}

TEST(RestartPolicy, DecidesByExitCodeCountAndUser) {
  EXPECT_FALSE(restarts_after({RestartKind::kNo}, ended(1)));
  EXPECT_TRUE(restarts_after({RestartKind::kAlways}, ended(0)));
  EXPECT_TRUE(restarts_after({RestartKind::kUnlessStopped}, ended(0)));
  EXPECT_FALSE(restarts_after({RestartKind::kOnFailure}, ended(0)));
  EXPECT_TRUE(restarts_after({RestartKind::kOnFailure}, ended(1, 1000)));
  EXPECT_TRUE(restarts_after({RestartKind::kOnFailure, 3}, ended(1, 2)));
  EXPECT_FALSE(restarts_after({RestartKind::kOnFailure, 3}, ended(1, 3)));
  for (const RestartKind kind :
       {RestartKind::kAlways, RestartKind::kUnlessStopped, RestartKind::kOnFailure}) {
    EXPECT_FALSE(restarts_after({kind}, ended(1, 0, true)));
  }
}

TEST(RestartPolicy, WaitsTwiceAsLongEachTimeUntilARunWasLong) {
  constexpr state::Nanoseconds kSecond = 1'000'000'000;
  EXPECT_EQ(restart_delay(0, 0), kSecond / 10);
  EXPECT_EQ(restart_delay(kSecond, kSecond), 2 * kSecond);
  EXPECT_EQ(restart_delay(50 * kSecond, kSecond), 60 * kSecond);
  EXPECT_EQ(restart_delay(50 * kSecond, 10 * kSecond), kSecond / 10);
}

TEST(RestartPolicy, AtBootStartsWhatWasRunning) {
  EXPECT_TRUE(starts_at_boot({RestartKind::kUnlessStopped}, ended(255)));
  EXPECT_FALSE(starts_at_boot({RestartKind::kUnlessStopped}, ended(137, 0, true)));
  EXPECT_TRUE(starts_at_boot({RestartKind::kAlways}, ended(137, 0, true)));
  EXPECT_FALSE(starts_at_boot({RestartKind::kNo}, ended(255)));
  EXPECT_FALSE(starts_at_boot({RestartKind::kAlways}, state::State()));
}

}  // namespace
}  // namespace mycontainer::runtime::engine
