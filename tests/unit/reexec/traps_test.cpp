// The known traps of starting processes, each once.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <thread>

#include "reexec/command.h"
#include "reexec/fork_function.h"
#include "reexec/spawn_plan.h"
#include "reexec/sys/file.h"
#include "tests/unit/reexec/entries.h"
#include "tests/unit/reexec/support.h"

namespace mycontainer::reexec::testing {
namespace {

// A running copy of this program at a path of its own, which the test may delete or replace. It
// answers each message by starting an entry of itself (the "start-again" entry).
struct Copy {
  TemporaryDirectory directory;
  std::string path = directory.path() + "/program";
  std::optional<Process> process;
  Channel channel;

  Copy() {
    std::filesystem::copy_file("/proc/self/exe", path);
    Command command = Command::entry("start-again");
    command.executable(UniqueFd(::open(path.c_str(), O_PATH | O_CLOEXEC)));
    process.emplace(std::move(*command.start()));
    channel = command.take_channel();
  }
  // What the child of the copy said: the sum of 40 and 2, as text.
  std::string ask() {
    if (!channel.send(1, "")) return "(gone)";
    const auto message = channel.receive();
    return message && *message ? (*message)->bytes : "(no answer)";
  }
};

TEST(Traps, StartsItselfAfterItsFileWasDeleted) {
  Copy copy;
  EXPECT_EQ(copy.ask(), "42");
  ASSERT_TRUE(std::filesystem::remove(copy.path));
  EXPECT_EQ(copy.ask(), "42");
}

TEST(Traps, StartsItselfAfterItsFileWasReplaced) {
  Copy copy;
  ASSERT_TRUE(std::filesystem::remove(copy.path));
  std::filesystem::copy_file("/bin/false", copy.path);
  EXPECT_EQ(copy.ask(), "42");
}

TEST(Traps, ChildrenAreWaitedForAlthoughOurParentMadeUsIgnoreSigchld) {
  Command command = Command::entry("start-while-ignoring");
  command.attributes().ignored_signals = {SIGCHLD};
  EXPECT_EQ(command.run().value().describe(), "exited with code 0");
}

TEST(Traps, AChildWithADeathSignalDiesWithItsParent) {
  Command command = Command::entry("have-child");
  auto parent = command.start();
  ASSERT_TRUE(parent);
  const Channel channel = command.take_channel();
  const auto message = channel.receive();
  ASSERT_TRUE(message && *message);
  pollfd grandchild{(*message)->fds.at(0).get(), POLLIN, 0};
  EXPECT_EQ(::poll(&grandchild, 1, 50), 0);
  ASSERT_TRUE(parent->signal(SIGKILL));
  EXPECT_EQ(::poll(&grandchild, 1, 10000), 1);
}

TEST(Traps, AParentThatDiedBeforeTheDeathSignalWasSetIsNoticed) {
  Command dead = Command::entry("exit-with", {"0"});
  auto process = dead.start();
  ASSERT_TRUE(process);
  pollfd end{process->pidfd(), POLLIN, 0};
  ASSERT_EQ(::poll(&end, 1, 10000), 1);
  // The child's own half, with a pidfd of somebody dead as its parent's.
  Attributes wanted;
  wanted.parent_death_signal = SIGKILL;
  auto* outcome = static_cast<Outcome*>(
      ::mmap(nullptr, sizeof(Outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  SpawnPlan plan;
  plan.attributes = &wanted;
  plan.outcome = outcome;
  plan.parent_pidfd = process->pidfd();
  auto child = fork_function([&]() -> int { run_child(&plan); });
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait().value().value, 127);
  EXPECT_EQ(outcome->step, ChildStep::kDeathSignal);
  EXPECT_EQ(outcome->error, ESRCH);
  ::munmap(outcome, sizeof(Outcome));
}

TEST(Traps, WorksAsProcessOne) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Command command = Command::entry("be-init");
  command.attributes().new_namespaces = CLONE_NEWPID;
  EXPECT_EQ(command.run().value().describe(), "exited with code 0");
}

TEST(Traps, StartsUnderAFilterThatKnowsNeitherClone3NorCloseRange) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  for (const uid_t user : {0u, 1000u}) {
    const auto look = kLookWithoutNewCalls(user);
    ASSERT_TRUE(look) << look.error().message();
    EXPECT_NE(look->namespaces.at("uts"), own_namespace("uts"));
    EXPECT_EQ(look->status.at("Seccomp"), "2");
    EXPECT_EQ(mask_of(*look, "SigBlk"), 0u);
    std::vector<int> numbers;
    for (const auto& [number, target] : look->fds) numbers.push_back(number);
    EXPECT_EQ(numbers, (std::vector<int>{0, 1, 2, 3}));
  }
}

TEST(Traps, LosesNoneOfAThousandChildrenAtOnce) {
  constexpr int kChildren = 1000;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;  // a pidfd and a pipe for each
  ::setrlimit(RLIMIT_NOFILE, &files);
  std::vector<Process> children;
  std::vector<Channel> channels;
  for (int i = 0; i < kChildren; ++i) {
    // sh is a small child; the codes tell them apart.
    Command command = Command::program("sh", {"-c", "read line; exit " + std::to_string(i % 256)});
    command.in(Stdio::pipe());
    auto child = command.start();
    ASSERT_TRUE(child) << i << ": " << child.error().message();
    children.push_back(std::move(*child));
    channels.emplace_back(command.take_pipe(0));
  }
  EXPECT_EQ(child_count(), kChildren);
  channels.clear();  // all of them go on at once
  std::vector<Process*> waiting;
  for (Process& child : children) waiting.push_back(&child);
  for (int seen = 0; seen < kChildren; ++seen) {
    const auto ended = wait_any(waiting);
    ASSERT_TRUE(ended) << ended.error().message();
    const auto index = ended->first - children.data();
    EXPECT_EQ(ended->second.shell_code(), index % 256);
  }
  EXPECT_EQ(wait_any(waiting).error().code, ECHILD);
  EXPECT_EQ(child_count(), 0);
}

TEST(Traps, StartsChildrenFromManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> sum = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&sum] {
      for (int round = 0; round < 20; ++round) sum += kAdd(1, 0).value_or(-1000);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum, 160);
}

// Not by a clock: the environment lies in 256 dirty MiB that no copy of this process has
// (MADV_DONTFORK), so only a child that shares our memory can hand it to execve.
TEST(Traps, AChildOfALargeParentSharesItsMemoryInsteadOfCopyingIt) {
  constexpr std::size_t kSize = 256 << 20;
  auto* memory = static_cast<char*>(
      ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(memory, MAP_FAILED);
  for (std::size_t at = 0; at < kSize; at += 4096) memory[at] = 1;
  ASSERT_EQ(::madvise(memory, kSize, MADV_DONTFORK), 0);
  std::strcpy(memory, "FROM=shared memory");
  std::array<char*, 2> variables{memory, nullptr};
  char** const before = std::exchange(environ, variables.data());
  const auto shared = Command::program("/usr/bin/env").output();
  Command copied = Command::program("/usr/bin/env");
  copied.attributes().credentials = Credentials{::getuid(), ::getgid(), std::nullopt};
  const auto refused = copied.output();
  environ = before;
  ::munmap(memory, kSize);
  ASSERT_TRUE(shared) << shared.error().message();
  EXPECT_EQ(shared->out, "FROM=shared memory\n");
  // Whoever changes its credentials is a copy, and there the same environment does not exist.
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, EFAULT);
}

TEST(Traps, ASignalHandlerOfTheParentNeverRunsInTheChild) {
  static volatile sig_atomic_t foreign = 0;
  static pid_t self = 0;
  self = ::getpid();
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) {
    if (::getpid() != self) foreign = 1;
  };
  ::sigaction(SIGUSR1, &action, &before);
  std::atomic<bool> stop = false;
  std::thread storm([&] {
    while (!stop) ::kill(self, SIGUSR1);
  });
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(Command::program("true").run().value().success());
  stop = true;
  storm.join();
  ::sigaction(SIGUSR1, &before, nullptr);
  EXPECT_EQ(foreign, 0);
}

}  // namespace
}  // namespace mycontainer::reexec::testing
