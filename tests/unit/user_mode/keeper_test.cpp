#include "runtime/network/user_mode/keeper.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

#include "reexec/command.h"
#include "reexec/fork_function.h"

namespace mycontainer::runtime::network {
namespace {

using namespace std::chrono_literals;

TEST(Keeper, EndsItsProcessWhenTheSupervisorIsKilled) {
  auto kept = reexec::Command::program("sleep", {"100"}).start();
  ASSERT_TRUE(kept);
  auto supervisor = reexec::fork_function([&] {
    auto keeper = start_keeper(kept->pidfd());
    if (!keeper) return 1;
    ::kill(::getpid(), SIGKILL);
    return 2;
  });
  ASSERT_TRUE(supervisor);
  const auto killed = supervisor->wait();
  ASSERT_TRUE(killed);
  EXPECT_EQ(killed->value, SIGKILL);
  const auto status = kept->wait_for(5s);
  ASSERT_TRUE(status && *status);
  EXPECT_EQ((*status)->value, SIGKILL);
}

TEST(Keeper, EndsWithItsProcess) {
  auto kept = reexec::Command::program("sleep", {"100"}).start();
  ASSERT_TRUE(kept);
  auto keeper = start_keeper(kept->pidfd());
  ASSERT_TRUE(keeper);
  ASSERT_TRUE(kept->signal(SIGTERM));
  const auto status = keeper->wait_for(5s);
  ASSERT_TRUE(status && *status);
  EXPECT_TRUE((*status)->success());
}

}  // namespace
}  // namespace mycontainer::runtime::network
