#include "runtime/io/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <functional>
#include <string>
#include <thread>

#include "harness.h"
#include "runtime/io/pty.h"
#include "runtime/io/session.h"

namespace mycontainer::runtime::io {
namespace {

using namespace std::chrono_literals;
using testing::call;
using testing::Ends;
using testing::fork_caller;
using testing::make_pipe;
using testing::make_raw;
using testing::make_terminal;
using testing::Program;
using testing::random_bytes;
using testing::read_to_end;
using testing::read_until;
using testing::run_foreground;
using testing::shell;
using testing::start;
using testing::wait_for;
using testing::wait_until;
using testing::write_text;

constexpr SessionRequest kTerminal{.interactive = true, .terminal = true};

bool is_raw(int terminal) {
  termios settings{};
  ::tcgetattr(terminal, &settings);
  return (settings.c_lflag & (ICANON | ISIG | ECHO)) == 0;
}

bool same_settings(int terminal, const termios& before) {
  termios now{};
  ::tcgetattr(terminal, &now);
  return now.c_iflag == before.c_iflag && now.c_oflag == before.c_oflag &&
         now.c_cflag == before.c_cflag && now.c_lflag == before.c_lflag &&
         std::memcmp(now.c_cc, before.c_cc, sizeof(now.c_cc)) == 0;
}

// The user at a terminal: the test holds the master, the caller is the leader of its session.
class User {
 public:
  explicit User(const Program& body) : ends_(make_terminal()) {
    ::tcgetattr(ends_.far.get(), &before_);
    const winsize size{33, 77, 0, 0};
    EXPECT_TRUE(set_window_size(ends_.near.get(), size));
    const int fd = ends_.far.get();
    caller_ = fork_caller({fd, fd, fd}, [&body] {
      if (!become_session_leader(UniqueFd(::fcntl(0, F_DUPFD_CLOEXEC, 3)))) return 124;
      return body();
    });
  }
  User(const Program& program, const SessionRequest& request)
      : User([&] { return run_foreground(request, program); }) {}

  [[nodiscard]] int master() const { return ends_.near.get(); }
  [[nodiscard]] int slave() const { return ends_.far.get(); }
  [[nodiscard]] pid_t caller() const { return caller_; }
  [[nodiscard]] std::string see(std::string_view text) const { return read_until(master(), text); }
  void type(std::string_view text) const { write_text(master(), text); }
  void walk_away() { ends_ = {}; }
  [[nodiscard]] bool restored() const { return same_settings(slave(), before_); }

 private:
  Ends ends_;
  termios before_{};
  pid_t caller_ = -1;
};

TEST(Console, HasTheCallersSizeFromTheStart) {
  const User user(shell("stty size"), kTerminal);
  EXPECT_NE(user.see("33 77"), "");
  EXPECT_EQ(wait_for(user.caller()), 0);
}

TEST(Console, FollowsTheCallersSize) {
  const User user(shell("trap 'stty size' WINCH; echo ready; while :; do sleep 0.01; done"),
                  kTerminal);
  ASSERT_NE(user.see("ready"), "");
  const winsize size{40, 100, 0, 0};
  ASSERT_TRUE(set_window_size(user.master(), size));
  EXPECT_NE(user.see("40 100"), "");
  ::kill(user.caller(), SIGKILL);
  wait_for(user.caller());
}

TEST(Console, GivesControlCharactersToTheContainer) {
  const User user(shell("stty raw -echo; echo ready; head -c 3 | od -An -tx1"), kTerminal);
  ASSERT_NE(user.see("ready"), "");
  user.type("\x03\x1a\x1c");
  EXPECT_NE(user.see("03 1a 1c"), "");
  EXPECT_EQ(wait_for(user.caller()), 0);
}

TEST(Console, MakesControlCASignalInsideTheContainer) {
  const User user(shell("trap 'exit 5' INT; echo ready; while :; do sleep 0.01; done"), kTerminal);
  ASSERT_NE(user.see("ready"), "");
  user.type("\x03");
  EXPECT_EQ(wait_for(user.caller()), 5);
  EXPECT_TRUE(user.restored());
}

TEST(Console, IsRawWhileItRunsAndAsBeforeAfterANormalEnd) {
  const User user(shell("echo ready; read line; exit 6"), kTerminal);
  ASSERT_NE(user.see("ready"), "");
  EXPECT_TRUE(is_raw(user.slave()));
  user.type("\r");
  EXPECT_EQ(wait_for(user.caller()), 6);
  EXPECT_TRUE(user.restored());
}

TEST(Console, IsAsBeforeAfterSignalsThatEndTheContainer) {
  for (const int signal : {SIGTERM, SIGHUP, SIGINT, SIGQUIT}) {
    const User user(shell("echo ready; exec sleep 60"), kTerminal);
    ASSERT_NE(user.see("ready"), "");
    ::kill(user.caller(), signal);
    EXPECT_EQ(wait_for(user.caller()), 128 + signal);
    EXPECT_TRUE(user.restored()) << signal;
  }
}

TEST(Console, IsAsBeforeWhenADeafContainerHadToBeKilled) {
  const User user(shell("trap 'echo ready' TERM; echo ready; while :; do sleep 0.01; done"),
                  kTerminal);
  for (int i = 0; i < 3; ++i) {
    ASSERT_NE(user.see("ready"), "");
    ::kill(user.caller(), SIGTERM);
  }
  EXPECT_EQ(wait_for(user.caller()), 128 + SIGKILL);
  EXPECT_TRUE(user.restored());
}

TEST(Console, IsAsBeforeWhenTheCallerFailsHalfWay) {
  const User user([] {
    auto session = Session::prepare(kTerminal);
    const auto process = start(*session, shell("exec sleep 60"), true);
    // An error path: the session goes out of scope without having run.
    return is_raw(0) ? 11 : 12;
  });
  EXPECT_EQ(wait_for(user.caller()), 11);
  EXPECT_TRUE(user.restored());
}

TEST(Console, LeavesRawModeWhileItIsStoppedAndEntersItAgain) {
  // A shell with job control: a stopped process needs one, else the kernel ignores SIGTSTP.
  const User user([] {
    const pid_t job = ::fork();
    if (job == 0) {
      ::setpgid(0, 0);
      const auto program = shell("echo ready; read line; exit 6");
      ::_exit(run_foreground(kTerminal, program));
    }
    ::setpgid(job, job);
    ::signal(SIGTTOU, SIG_IGN);
    ::tcsetpgrp(0, job);
    if (!wait_until([] { return is_raw(0); })) return 1;
    std::this_thread::sleep_for(50ms);
    ::kill(job, SIGTSTP);
    int status = 0;
    ::waitpid(job, &status, WUNTRACED);
    if (!WIFSTOPPED(status) || is_raw(0)) return 2;
    ::kill(job, SIGCONT);
    if (!wait_until([] { return is_raw(0); })) return 3;
    ::kill(job, SIGSTOP);
    ::waitpid(job, &status, WUNTRACED);
    termios cooked{};
    ::tcgetattr(0, &cooked);
    cooked.c_lflag |= ICANON | ISIG | ECHO;
    ::tcsetattr(0, TCSANOW, &cooked);
    ::kill(job, SIGCONT);
    if (!wait_until([] { return is_raw(0); })) return 4;
    ::waitpid(job, &status, 0);
    return WIFEXITED(status) ? 50 + WEXITSTATUS(status) : 5;
  });
  ASSERT_NE(user.see("ready"), "");
  std::this_thread::sleep_for(300ms);
  user.type("\r");
  EXPECT_EQ(wait_for(user.caller()), 56);
}

TEST(Console, PassesRandomBytesBothWays) {
  const auto bytes = random_bytes(300'000);
  const User user(
      [] {
        make_raw(0);
        if (::write(1, "ready\n", 6) != 6) return 1;
        ::execlp("head", "head", "-c", "300000", nullptr);
        return 127;
      },
      kTerminal);
  ASSERT_NE(user.see("ready\n"), "");
  std::thread writer([&] { user.type(bytes); });
  const auto got = read_to_end(user.master(), bytes.size());
  writer.join();
  EXPECT_TRUE(got == bytes);
  EXPECT_EQ(wait_for(user.caller()), 0);
}

TEST(Console, EndsWhenTheCallersTerminalIsGone) {
  User user(shell("echo ready; exec cat"), kTerminal);
  ASSERT_NE(user.see("ready"), "");
  user.walk_away();
  EXPECT_EQ(wait_for(user.caller()), 128 + SIGHUP);
}

TEST(Console, WaitsQuietlyForAContainerThatClosedItsTerminal) {
  const User user([] {
    const int code = run_foreground(kTerminal, shell("exec sleep 0.3 <&- >&- 2>&-"));
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return code == 0 && usage.ru_nvcsw + usage.ru_nivcsw < 50 ? 0 : 1;
  });
  EXPECT_EQ(wait_for(user.caller()), 0);
}

TEST(Console, NeedsATerminalForItsInput) {
  const auto pipe = make_pipe();
  const int code = call({pipe.far.get(), 1, 2}, [] {
    const auto session = Session::prepare(kTerminal);
    const bool refused = !session && session.error().exit_status == 1 &&
                         session.error().message() == "the input device is not a TTY";
    return refused ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
}

TEST(Console, WorksWithoutInputAndWithItsOutputInAPipe) {
  auto output = make_pipe();
  const pid_t caller = fork_caller({-1, output.near.get(), 2}, [] {
    return run_foreground({.interactive = false, .terminal = true}, shell("tty -s && echo yes"));
  });
  output.near.reset();
  EXPECT_EQ(read_to_end(output.far.get()), "yes\r\n");
  EXPECT_EQ(wait_for(caller), 0);
}

TEST(CurrentSize, IsThatOfTheFirstStreamThatIsATerminal) {
  const auto terminal = make_terminal();
  ASSERT_TRUE(set_window_size(terminal.near.get(), {12, 34, 0, 0}));
  EXPECT_EQ(call({-1, -1, terminal.far.get()},
                 [] { return current_size() ? current_size()->ws_col : 0; }),
            34);
  EXPECT_EQ(call({-1, -1, -1}, [] { return current_size() ? 1 : 0; }), 0);
}

}  // namespace
}  // namespace mycontainer::runtime::io
