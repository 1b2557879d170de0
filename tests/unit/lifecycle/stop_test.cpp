#include "runtime/lifecycle/stop.h"

#include <gtest/gtest.h>

#include <csignal>

#include "runtime/lifecycle/deadline.h"
#include "runtime/lifecycle/rename.h"
#include "runtime/lifecycle/signal_event.h"

namespace mycontainer::runtime::lifecycle {
namespace {

TEST(PlanStop, TakesWhatWasAskedThenTheContainersOwnThenDockers) {
  state::Record record;
  EXPECT_EQ(plan_stop(record, {}).timeout, 10);
  EXPECT_EQ(plan_stop(record, {}).signal, SIGTERM);
  record.stop_timeout = 3;
  record.stop_signal = SIGQUIT;
  EXPECT_EQ(plan_stop(record, {}).timeout, 3);
  EXPECT_EQ(plan_stop(record, {}).signal, SIGQUIT);
  const StopRequest asked{SIGINT, 0, {}};
  EXPECT_EQ(plan_stop(record, asked).timeout, 0);
  EXPECT_EQ(plan_stop(record, asked).signal, SIGINT);
}

TEST(UnheardSignalNotice, SaysWhoWhatAndWhatHelps) {
  EXPECT_EQ(unheard_signal_notice("sleep", "x", {SIGTERM, 10}),
            "PID 1 (sleep) of x does not handle SIGTERM; it will be killed after 10 s (run it with "
            "--init, or stop it with -t 0)");
  EXPECT_EQ(unheard_signal_notice("sleep", "x", {SIGRTMIN + 3, -1}),
            "PID 1 (sleep) of x does not handle SIGRTMIN+3; it will not be killed, as --timeout is "
            "negative");
}

TEST(SignalName, OfAllSignals) {
  EXPECT_EQ(signal_name(SIGKILL), "SIGKILL");
  EXPECT_EQ(signal_name(SIGRTMIN), "SIGRTMIN");
  EXPECT_EQ(signal_name(SIGRTMAX), "SIGRTMIN+30");
  EXPECT_EQ(signal_name(32), "signal 32");
}

TEST(DeadlineTest, NeverLeavesTimeWithoutEnd) {
  EXPECT_EQ(Deadline::never().remaining(), -1);
  EXPECT_EQ(Deadline::never().remaining(5), 5);
  EXPECT_FALSE(Deadline::never().passed());
  EXPECT_EQ(Deadline::after_seconds(-1).remaining(), -1);
}

TEST(DeadlineTest, LeavesNoTimeOncePassed) {
  const Deadline now = Deadline::after_seconds(0);
  EXPECT_TRUE(now.passed());
  EXPECT_EQ(now.remaining(), 0);
  EXPECT_EQ(now.remaining(5), 0);
  const Deadline later = Deadline::after_seconds(3600);
  EXPECT_FALSE(later.passed());
  EXPECT_GT(later.remaining(), 3500'000'000'000);
  EXPECT_EQ(later.remaining(5), 5);
}

TEST(Eventually, LooksOnceMoreAfterTheDeadlineAndNoMore) {
  int looks = 0;
  EXPECT_FALSE(eventually(Deadline::after_seconds(0), [&] { return ++looks == 2; }));
  EXPECT_EQ(looks, 1);
  EXPECT_TRUE(eventually(Deadline::never(), [&] { return ++looks == 4; }));
  EXPECT_EQ(looks, 4);
}

TEST(IsName, TakesWhatDockerTakes) {
  for (const char* name : {"ab", "A1", "0x", "a_b.c-d"}) EXPECT_TRUE(is_name(name)) << name;
  for (const char* name : {"", "a", "-ab", ".ab", "_ab", "a/b", "a b", "..", "a\n", "ä1"}) {
    EXPECT_FALSE(is_name(name)) << name;
  }
}

}  // namespace
}  // namespace mycontainer::runtime::lifecycle
