#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "harness.h"
#include "runtime/io/session.h"

namespace mycontainer::runtime::io {
namespace {

using namespace std::chrono_literals;
using testing::call;
using testing::fork_caller;
using testing::make_pipe;
using testing::read_until;
using testing::run_foreground;
using testing::shell;
using testing::start;
using testing::wait_for;
using testing::write_text;

// A caller whose container says "ready" on a pipe that the test reads.
struct Running {
  pid_t caller = -1;
  UniqueFd output;
};

Running run_until_ready(const std::string& script) {
  auto output = make_pipe();
  const pid_t caller = fork_caller({-1, output.near.get(), 2},
                                   [&script] { return run_foreground({}, shell(script)); });
  EXPECT_NE(read_until(output.far.get(), "ready"), "");
  return {caller, std::move(output.far)};
}

constexpr char kWait[] = "; echo ready; while :; do sleep 0.01; done";

TEST(Signals, AreForwardedToTheContainer) {
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGCONT,
                           SIGTSTP, SIGWINCH, SIGABRT, SIGRTMIN + 3}) {
    const auto number = std::to_string(signal);
    const auto running = run_until_ready("trap 'exit 42' " + number + kWait);
    ::kill(running.caller, signal);
    EXPECT_EQ(wait_for(running.caller), 42) << signal;
  }
}

TEST(Signals, WithoutAHandlerEndTheContainerAndGiveItsStatus) {
  const auto running = run_until_ready("echo ready; exec sleep 60");
  ::kill(running.caller, SIGTERM);
  EXPECT_EQ(wait_for(running.caller), 128 + SIGTERM);
}

TEST(Signals, OfOurOwnAreNotForwarded) {
  for (const int signal : {SIGCHLD, SIGPIPE, SIGURG}) {
    const auto running =
        run_until_ready("trap 'exit 42' PIPE URG USR1; trap : CHLD" + std::string(kWait));
    ::kill(running.caller, signal);
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(::waitpid(running.caller, nullptr, WNOHANG), 0) << signal;
    ::kill(running.caller, SIGUSR1);
    EXPECT_EQ(wait_for(running.caller), 42) << signal;
  }
}

TEST(Signals, TheThirdDemandToEndKillsADeafContainer) {
  const auto running =
      run_until_ready("trap 'echo ready' TERM; trap 'echo ready' INT" + std::string(kWait));
  ::kill(running.caller, SIGTERM);
  EXPECT_NE(read_until(running.output.get(), "ready"), "");
  ::kill(running.caller, SIGINT);
  EXPECT_NE(read_until(running.output.get(), "ready"), "");
  EXPECT_EQ(::waitpid(running.caller, nullptr, WNOHANG), 0);
  ::kill(running.caller, SIGTERM);
  EXPECT_EQ(wait_for(running.caller), 128 + SIGKILL);
}

TEST(Signals, ThatComeBeforeTheContainerAreKeptForIt) {
  const int code = call({-1, 1, 2}, [] {
    // Blocked already in the caller, and so in the program, which then cannot miss them.
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGUSR1);
    ::sigaddset(&set, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    auto session = Session::prepare({});
    ::raise(SIGUSR1);
    ::raise(SIGTERM);
    auto process = start(*session, [&set] {
      int first = 0;
      int second = 0;
      ::sigwait(&set, &first);
      ::sigwait(&set, &second);
      return first + second == SIGUSR1 + SIGTERM ? 42 : 1;
    });
    return session->run(process)->shell_code();
  });
  EXPECT_EQ(code, 42);
}

TEST(Signals, IgnoredByTheCallerStayIgnored) {
  auto output = make_pipe();
  const pid_t caller = fork_caller({-1, output.near.get(), 2}, [] {
    ::signal(SIGHUP, SIG_IGN);
    return run_foreground({}, [] {
      ::signal(SIGHUP, SIG_DFL);
      return shell("echo ready; exec sleep 60")();
    });
  });
  EXPECT_NE(read_until(output.far.get(), "ready"), "");
  ::kill(caller, SIGHUP);
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(::waitpid(caller, nullptr, WNOHANG), 0);
  ::kill(caller, SIGTERM);
  EXPECT_EQ(wait_for(caller), 128 + SIGTERM);
}

TEST(Signals, AreAsBeforeWhenTheSessionIsOver) {
  const int code = call({-1, 1, 2}, [] {
    sigset_t before;
    sigset_t after;
    ::sigprocmask(SIG_BLOCK, nullptr, &before);
    {
      auto session = Session::prepare({});
      ::raise(SIGTERM);
      ::raise(SIGPIPE);
    }
    ::sigprocmask(SIG_BLOCK, nullptr, &after);
    for (int signal = 1; signal < 32; ++signal) {
      if (::sigismember(&before, signal) != ::sigismember(&after, signal)) return signal;
    }
    return 0;
  });
  EXPECT_EQ(code, 0);
}

TEST(AwaitStart, GivesTheStartUpWhenAskedToEnd) {
  auto channel = make_pipe();
  const int watched = channel.far.get();
  // The descriptor is put on standard input, because a caller has no others.
  const int code = call({watched, 1, 2}, [] {
    auto session = Session::prepare({});
    auto process = start(*session, shell("exec sleep 60"));
    ::raise(SIGINT);
    const auto started = session->await_start(process.pidfd(), {0, [] { return false; }});
    if (started || started.error().exit_status != 128 + SIGINT) return 1;
    const auto status = process.wait();
    return status && status->shell_code() == 128 + SIGKILL ? 0 : 2;
  });
  EXPECT_EQ(code, 0);
}

TEST(AwaitStart, CallsBackUntilTheChannelIsDoneAndKeepsOtherSignals) {
  auto channel = make_pipe();
  write_text(channel.near.get(), "ab");
  const int code = call({channel.far.get(), 1, 2}, [] {
    auto session = Session::prepare({});
    auto process = start(*session, shell("exec sleep 60"));
    ::raise(SIGUSR1);
    std::string seen;
    const auto started = session->await_start(process.pidfd(), {0, [&]() -> Result<bool> {
                                                                  char letter = 0;
                                                                  if (::read(0, &letter, 1) == 1)
                                                                    seen += letter;
                                                                  return seen != "ab";
                                                                }});
    if (!started || seen != "ab") return 1;
    const auto status = session->run(process);
    return status && status->shell_code() == 128 + SIGUSR1 ? 0 : 2;
  });
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace mycontainer::runtime::io
