#include "runtime/lifecycle/process_status.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace mycontainer::runtime::lifecycle {
namespace {

std::string text_with(std::string_view pids, std::string_view blocked, std::string_view ignored,
                      std::string_view caught) {
  return fmt::format(
      "Name:\tsleep\nUmask:\t0022\nState:\tS (sleeping)\nPid:\t4711\nNSpid:\t{}\n"
      "SigPnd:\t0000000000000000\nShdPnd:\t0000000000000000\nSigBlk:\t{}\nSigIgn:\t{}\n"
      "SigCgt:\t{}\nCapInh:\t0000000000000000\n",
      pids, blocked, ignored, caught);
}

constexpr std::string_view kNothing = "0000000000000000";
constexpr std::string_view kTerm = "0000000000004000";  // bit 14: signal 15

TEST(ProcessStatus, HasNameStateAndMasks) {
  const auto status = parse_process_status(text_with("4711\t1", kTerm, "ffffffffffffffff", "3"));
  ASSERT_TRUE(status) << status.error().message();
  EXPECT_EQ(status->name, "sleep");
  EXPECT_EQ(status->state, 'S');
  EXPECT_EQ(status->blocked, 0x4000u);
  EXPECT_EQ(status->ignored, ~std::uint64_t{0});
  EXPECT_EQ(status->caught, 3u);
  EXPECT_TRUE(status->first_of_namespace);
}

TEST(ProcessStatus, KnowsTheFirstOfANamespaceByItsLastNumber) {
  for (const char* numbers : {"1", "4711", "4711\t21", "4711\t1\t7"}) {
    EXPECT_FALSE(parse_process_status(text_with(numbers, "0", "0", "0"))->first_of_namespace)
        << numbers;
  }
  EXPECT_TRUE(parse_process_status(text_with("4711\t7\t1", "0", "0", "0"))->first_of_namespace);
}

TEST(ProcessStatus, IsAnErrorWhenCutShortOrForeign) {
  const std::string whole = text_with("4711\t1", kNothing, kNothing, kTerm);
  EXPECT_FALSE(parse_process_status(""));
  EXPECT_FALSE(parse_process_status(whole.substr(0, whole.find("SigCgt"))));
  EXPECT_FALSE(parse_process_status(text_with("1", kNothing, "zz", kTerm)));
}

TEST(ProcessStatus, OfOurselvesCanBeRead) {
  const auto status = status_of_process(::getpid());
  ASSERT_TRUE(status) << status.error().message();
  EXPECT_EQ(status->state, 'R');
}

TEST(DropsSignal, WhenTheFirstProcessHasNeitherHandlerNorMask) {
  ProcessStatus first;
  first.first_of_namespace = true;
  EXPECT_TRUE(drops_signal(first, SIGTERM));
  EXPECT_FALSE(drops_signal(first, SIGKILL));
  EXPECT_FALSE(drops_signal(first, SIGSTOP));
  first.blocked = 0x4000;
  EXPECT_FALSE(drops_signal(first, SIGTERM));
  EXPECT_TRUE(drops_signal(first, SIGINT));
  first.blocked = 0;
  first.caught = 0x4000;
  EXPECT_FALSE(drops_signal(first, SIGTERM));
}

TEST(DropsSignal, NotOfOneThatWaitsForSignals) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    sigset_t wanted;
    ::sigemptyset(&wanted);
    ::sigaddset(&wanted, SIGUSR1);
    ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
    (void)!::write(ready[1], "x", 1);
    int signal = 0;
    ::sigwait(&wanted, &signal);
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  auto status = status_of_process(child);
  for (int i = 0; i < 1000 && status && !status->waits_for_signals; ++i) {
    ::usleep(5000);
    status = status_of_process(child);
  }
  ASSERT_TRUE(status && status->waits_for_signals);
  status->first_of_namespace = true;
  EXPECT_FALSE(drops_signal(*status, SIGUSR1));
  ::kill(child, SIGUSR1);
  ::waitpid(child, nullptr, 0);
}

TEST(DropsSignal, OfOtherProcessesOnlyWhenIgnored) {
  ProcessStatus other;
  EXPECT_FALSE(drops_signal(other, SIGTERM));
  other.ignored = 0x4000;
  EXPECT_TRUE(drops_signal(other, SIGTERM));
  EXPECT_FALSE(drops_signal(other, SIGHUP));
}

TEST(DropsSignal, KnowsTheHighestSignal) {
  ProcessStatus first;
  first.first_of_namespace = true;
  first.caught = std::uint64_t{1} << 63;
  EXPECT_FALSE(drops_signal(first, 64));
  EXPECT_TRUE(drops_signal(first, 63));
}

TEST(DescribeStuck, NamesProcessAndState) {
  const std::string text = describe_stuck({::getpid()});
  EXPECT_TRUE(
      text.starts_with(fmt::format("process {} (unit_lifecycle) is in state R", ::getpid())))
      << text;
  EXPECT_EQ(describe_stuck({}), "");
  EXPECT_EQ(describe_stuck({0x7ffffff0}), "");
}

}  // namespace
}  // namespace mycontainer::runtime::lifecycle
