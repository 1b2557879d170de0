#include "reexec/process.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "reexec/command.h"
#include "tests/unit/reexec/support.h"

namespace mycontainer::reexec::testing {
namespace {

using namespace std::chrono_literals;

// A child that ends when its channel is closed.
struct Waiting {
  Command command = Command::entry("wait-for-close");
  Process process;
  Channel channel;
  Waiting() : process(std::move(*command.start())), channel(command.take_channel()) {}
};

Process exiting(const std::string& code) {
  return std::move(*Command::entry("exit-with", {code}).start());
}

TEST(Process, ReportsExitCodesAndSignals) {
  auto status = exiting("42").wait();
  ASSERT_TRUE(status);
  EXPECT_EQ(status->kind, Status::Kind::kExited);
  EXPECT_EQ(status->shell_code(), 42);
  EXPECT_EQ(status->describe(), "exited with code 42");
  Waiting child;
  ASSERT_TRUE(child.process.signal(SIGTERM));
  status = child.process.wait();
  ASSERT_TRUE(status);
  EXPECT_EQ(status->kind, Status::Kind::kSignaled);
  EXPECT_EQ(status->shell_code(), 128 + SIGTERM);
  EXPECT_EQ(status->describe(), "was killed by signal 15 (TERM)");
}

TEST(Process, ReportsTheResourcesThatItsChildUsed) {
  auto status = exiting("0").wait();
  ASSERT_TRUE(status);
  EXPECT_GT(status->usage.ru_maxrss, 0);
  EXPECT_GT(status->usage.ru_minflt, 0);
}

TEST(Process, SaysTheSameStatusEveryTimeItIsAsked) {
  Process process = exiting("3");
  EXPECT_EQ(process.wait().value().value, 3);
  EXPECT_EQ(process.wait().value().value, 3);
  EXPECT_EQ(process.try_wait().value().value().value, 3);
  EXPECT_EQ(process.wait_for(0s).value().value().value, 3);
  EXPECT_EQ(process.signal(SIGTERM).error().code, ESRCH);
}

TEST(Process, TryWaitReturnsAtOnceUntilItEnded) {
  Waiting child;
  auto status = child.process.try_wait();
  ASSERT_TRUE(status);
  EXPECT_EQ(*status, std::nullopt);
  child.channel.close();
  pollfd end{child.process.pidfd(), POLLIN, 0};
  ASSERT_EQ(::poll(&end, 1, 10000), 1);
  status = child.process.try_wait();
  ASSERT_TRUE(status);
  ASSERT_TRUE(*status);
  EXPECT_TRUE((*status)->success());
}

TEST(Process, WaitForGivesUpAtItsDeadline) {
  Waiting child;
  const auto begin = Process::Clock::now();
  const auto status = child.process.wait_for(30ms);
  ASSERT_TRUE(status);
  EXPECT_EQ(*status, std::nullopt);
  EXPECT_GE(Process::Clock::now() - begin, 30ms);
  child.channel.close();
  EXPECT_TRUE(child.process.wait_for(10s).value().value().success());
}

TEST(Process, ReportsStopAndContinuation) {
  Waiting child;
  ASSERT_TRUE(child.process.signal(SIGSTOP));
  auto change = child.process.wait_change();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->kind, Status::Kind::kStopped);
  EXPECT_EQ(change->value, SIGSTOP);
  EXPECT_EQ(child.process.try_wait_change().value(), std::nullopt);
  ASSERT_TRUE(child.process.signal(SIGCONT));
  change = child.process.wait_change();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->kind, Status::Kind::kContinued);
  EXPECT_FALSE(child.process.ended());
  child.channel.close();
  change = child.process.wait_change();
  ASSERT_TRUE(change);
  EXPECT_TRUE(change->success());
}

TEST(Process, KillsAndReapsAChildThatIsDropped) {
  pid_t pid = -1;
  {
    Waiting child;
    pid = child.process.pid();
    EXPECT_NE(state_of(pid), '-');
  }
  EXPECT_EQ(state_of(pid), '-');
  EXPECT_EQ(child_count(), 0);
}

TEST(Process, ReapsAStoppedChildThatIsDropped) {
  Waiting child;
  ASSERT_TRUE(child.process.signal(SIGSTOP));
  ASSERT_TRUE(child.process.wait_change());
  const pid_t pid = child.process.pid();
  child.process = exiting("0");  // assignment drops the old one
  EXPECT_EQ(state_of(pid), '-');
}

TEST(Process, LetsAReleasedChildLive) {
  Waiting child;
  const UniqueFd pidfd = child.process.release();
  { const Process gone = std::move(child.process); }
  EXPECT_NE(state_of(child.process.pid()), '-');
  child.channel.close();
  siginfo_t info{};
  EXPECT_EQ(::waitid(static_cast<idtype_t>(3), static_cast<id_t>(pidfd.get()), &info, WEXITED), 0);
}

TEST(Process, AdoptsAChildAndLearnsItsStatus) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(5);
  auto process = Process::adopt(pid);
  ASSERT_TRUE(process);
  EXPECT_EQ(process->wait().value().value, 5);
}

TEST(Process, AdoptsAStrangerAndLearnsOnlyThatItEnded) {
  // A grandchild: sh starts it, says its number, and stays its parent.
  Command shell = Command::program("sh", {"-c", "sleep 100 & echo $!; wait"});
  shell.out(Stdio::pipe());
  auto parent = shell.start();
  ASSERT_TRUE(parent);
  const UniqueFd pipe = shell.take_pipe(1);
  std::array<char, 32> text{};
  ASSERT_GT(::read(pipe.get(), text.data(), text.size() - 1), 0);
  auto stranger = Process::adopt(std::atoi(text.data()));
  ASSERT_TRUE(stranger) << stranger.error().message();
  EXPECT_EQ(stranger->try_wait().value(), std::nullopt);
  ASSERT_TRUE(stranger->signal(SIGKILL));
  const auto status = stranger->wait();
  ASSERT_TRUE(status);
  EXPECT_EQ(status->kind, Status::Kind::kUnknown);
  EXPECT_EQ(status->describe(), "ended, its status is unknown");
}

TEST(Process, CannotAdoptWhatDoesNotExist) {
  EXPECT_EQ(Process::adopt(1 << 29).error().code, ESRCH);
}

TEST(WaitAny, ReturnsTheOneThatEndedAndThenTheOthers) {
  Waiting one;
  Waiting two;
  const std::array<Process*, 2> both{&one.process, &two.process};
  two.channel.close();
  auto ended = wait_any(both);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->first, &two.process);
  one.channel.close();
  ended = wait_any(both);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->first, &one.process);
  EXPECT_EQ(wait_any(both).error().code, ECHILD);
}

TEST(WaitGroup, ReportsChildrenOfOneProcessGroupOnly) {
  Waiting outside;
  Command leader = Command::entry("exit-with", {"4"});
  leader.attributes().process_group = 0;
  auto process = leader.start();
  ASSERT_TRUE(process);
  const pid_t group = process->pid();
  const std::array<Process*, 1> known{&*process};
  const auto waited = wait_group(group, known);
  ASSERT_TRUE(waited && *waited) << waited.error().message();
  EXPECT_EQ((*waited)->process, &*process);
  EXPECT_EQ((*waited)->status.value, 4);
  EXPECT_TRUE(process->ended());
  EXPECT_EQ(wait_group(group, known).error().code, ECHILD);
}

TEST(WaitGroup, TakesAnyChildAndSaysWhenNoneHasEnded) {
  Waiting child;
  const std::array<Process*, 1> known{&child.process};
  const auto none = wait_group(kAnyChild, known, WNOHANG);
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->has_value());
  const pid_t stray = ::fork();
  if (stray == 0) ::_exit(6);
  auto waited = wait_group(kAnyChild, known);
  ASSERT_TRUE(waited && *waited);
  EXPECT_EQ((*waited)->process, nullptr);
  EXPECT_EQ((*waited)->pid, stray);
  EXPECT_EQ((*waited)->status.value, 6);
  // Our own group has them too.
  ASSERT_TRUE(child.process.signal(SIGSTOP));
  waited = wait_group(0, known, WSTOPPED);
  ASSERT_TRUE(waited && *waited);
  EXPECT_EQ((*waited)->status.kind, Status::Kind::kStopped);
  EXPECT_FALSE(child.process.ended());
}

}  // namespace
}  // namespace mycontainer::reexec::testing
