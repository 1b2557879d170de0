#include "reexec/fork_function.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "reexec/channel.h"
#include "tests/unit/reexec/support.h"

namespace mycontainer::reexec::testing {
namespace {

TEST(ForkFunction, RunsInACopyOfTheProcess) {
  int variable = 0;
  auto child = fork_function([&] { return variable += 2; });
  ASSERT_TRUE(child) << child.error().message();
  EXPECT_EQ(child->wait().value().value, 2);
  EXPECT_EQ(variable, 0);
  EXPECT_EQ(child_count(), 0);
}

TEST(ForkFunction, IsWaitedForWithoutBlocking) {
  auto gate = Channel::make();
  ASSERT_TRUE(gate);
  auto child = fork_function([&gate] {
    gate->first.close();  // its copy of our end
    (void)gate->second.receive();
    return 1;
  });
  ASSERT_TRUE(child);
  EXPECT_EQ(child->try_wait().value(), std::nullopt);
  gate->first.close();
  int turns = 0;
  while (!child->try_wait().value()) ++turns;
  EXPECT_EQ(child->wait().value().value, 1);
}

TEST(ForkFunction, IsRefusedWhileAnotherThreadRuns) {
  std::atomic<bool> stop = false;
  std::thread other([&stop] { stop.wait(false); });
  const auto child = fork_function([] { return 0; });
  stop = true;
  stop.notify_all();
  other.join();
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code, EBUSY);
  EXPECT_EQ(child.error().message(),
            "fork a process with more than one thread: Device or resource busy (EBUSY)");
  EXPECT_FALSE(child.error().hint.empty());
}

TEST(ForkFunction, IsAllowedAgainWhenTheOtherThreadHasEnded) {
  std::thread([] {}).join();
  // join() returns a moment before the kernel has removed the thread.
  while (!single_threaded().value()) std::this_thread::yield();
  EXPECT_TRUE(fork_function([] { return 0; }));
}

}  // namespace
}  // namespace mycontainer::reexec::testing
