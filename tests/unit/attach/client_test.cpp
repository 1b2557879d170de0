#include "runtime/attach/client.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "caller.h"
#include "reexec/sys/file.h"

namespace mycontainer::runtime::attach {
namespace {

using testing::Caller;
using testing::everything;
using testing::make_input;
using testing::make_output;
using testing::make_terminal;
using testing::Monitor;

// Without waiting.
std::string read_some(int fd) {
  std::string bytes(1 << 16, '\0');
  pollfd ready{fd, POLLIN, 0};
  if (::poll(&ready, 1, 0) != 1) return "";
  const ssize_t got = ::read(fd, bytes.data(), bytes.size());
  bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return bytes;
}

void type(int fd, std::string_view bytes) { ASSERT_TRUE(sys::write_all(fd, bytes)); }

bool is_raw(int terminal) {
  termios modes{};
  return ::tcgetattr(terminal, &modes) == 0 && (modes.c_lflag & (ICANON | ECHO | ISIG)) == 0;
}

TEST(Client, WritesBothStreamsAndReturnsTheExitCode) {
  Monitor monitor;
  const auto out = make_output(), err = make_output();
  Caller caller(monitor, {-1, out.far.get(), err.far.get()}, {});
  ASSERT_TRUE(caller.until_attached());
  monitor.server().output(1, "x");
  monitor.server().output(2, "y");
  monitor.server().ended(42);
  EXPECT_EQ(caller.finish(), "ended 42\n");
  EXPECT_EQ(read_some(out.near.get()), "x");
  EXPECT_EQ(read_some(err.near.get()), "y");
}

TEST(Client, WritesEverythingToASlowReaderBeforeItReturns) {
  Monitor monitor;
  auto out = make_output();
  Caller caller(monitor, {-1, out.far.get(), -1}, {});
  out.far.reset();
  ASSERT_TRUE(caller.until_attached());
  std::string sent, read;
  for (int i = 0; i < 300; ++i) {
    const std::string bytes = fmt::format("{:09}\n", i) + std::string(9990, 'x');
    ASSERT_TRUE(caller.until([&] {
      if (monitor.server().is_full()) read += read_some(out.near.get());
      return !monitor.server().is_full();
    }));
    monitor.server().output(1, bytes);
    sent += bytes;
  }
  monitor.server().ended(0);
  ASSERT_TRUE(caller.until([&] {
    read += read_some(out.near.get());
    return read.size() >= sent.size();
  }));
  EXPECT_EQ(caller.finish(), "ended 0\n");
  EXPECT_EQ(read, sent);
}

TEST(Client, PassesTheEndOfEveryKindOfInputOn) {
  UniqueFd file(::memfd_create("input", MFD_CLOEXEC));
  ASSERT_TRUE(sys::write_all(file.get(), "bytes"));
  ::lseek(file.get(), 0, SEEK_SET);
  auto pipe = make_input();
  type(pipe.near.get(), "bytes");
  pipe.near.reset();
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const UniqueFd directory(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (const int in : {file.get(), pipe.far.get(), null.get(), directory.get(), -1}) {
    Monitor monitor;
    Caller caller(monitor, {in, null.get(), null.get()}, everything());
    ASSERT_TRUE(caller.until([&] { return !monitor.ends.empty(); })) << in;
    const bool has_bytes = in == file.get() || in == pipe.far.get();
    EXPECT_EQ(monitor.input, has_bytes ? "bytes" : "");
    EXPECT_EQ(monitor.ends, "end ");
    monitor.server().output(1, "after the input has ended");
    monitor.server().ended(5);
    EXPECT_EQ(caller.finish(), "ended 5\n");
  }
}

TEST(Client, LeavesTheInputAloneWhenItIsNotWanted) {
  Monitor monitor;
  const auto in = make_input();
  Caller caller(monitor, {in.far.get(), -1, -1}, {});
  ASSERT_TRUE(caller.until_attached());
  type(in.near.get(), "for somebody else");
  monitor.turn(20);
  monitor.server().ended(0);
  EXPECT_EQ(caller.finish(), "ended 0\n");
  EXPECT_EQ(monitor.input, "");
  EXPECT_EQ(read_some(in.far.get()), "for somebody else");
}

TEST(Client, LosesNoInputWhenTheContainerReadsSlowly) {
  Monitor monitor;
  monitor.room = 0;
  UniqueFd file(::memfd_create("input", MFD_CLOEXEC));
  std::string bytes;
  for (int i = 0; bytes.size() < 3'000'000; ++i) bytes += fmt::format("{}\n", i);
  ASSERT_TRUE(sys::write_all(file.get(), bytes));
  ::lseek(file.get(), 0, SEEK_SET);
  Caller caller(monitor, {file.get(), -1, -1}, everything());
  ASSERT_TRUE(caller.until([&] {
    monitor.room = 10'007;
    monitor.server().input_ready();
    return !monitor.ends.empty();
  }));
  EXPECT_TRUE(monitor.input == bytes);
  monitor.server().ended(0);
  EXPECT_EQ(caller.finish(), "ended 0\n");
}

TEST(Client, SaysThatTheMonitorDied) {
  Monitor monitor;
  Caller caller(monitor, {}, {});
  ASSERT_TRUE(caller.until_attached());
  monitor.die();
  EXPECT_EQ(caller.finish(), "died\n");
}

TEST(Client, GivesTheMonitorsReasonForRefusing) {
  Monitor monitor;
  std::vector<testing::Talker> others;
  for (std::size_t i = 0; i < Server::kMostClients; ++i) others.emplace_back(monitor);
  Caller caller(monitor, {}, {});
  EXPECT_EQ(caller.finish(), "error too many clients are attached to the container (1)\n");
}

TEST(Client, EndsWithAnErrorWhenNobodyTakesItsOutput) {
  Monitor monitor;
  auto out = make_output();
  Caller caller(monitor, {-1, out.far.get(), -1}, {});
  out.far.reset();
  out.near.reset();
  ASSERT_TRUE(caller.until_attached());
  monitor.server().output(1, "x");
  EXPECT_EQ(caller.finish(),
            "error write the container's standard output: Broken pipe (EPIPE) (141)\n");
  monitor.turn();
  EXPECT_TRUE(monitor.server().empty());
}

TEST(Client, ReportsAFullDisk) {
  Monitor monitor;
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  Caller caller(monitor, {-1, -1, full.get()}, {});
  ASSERT_TRUE(caller.until_attached());
  monitor.server().output(2, "x");
  EXPECT_EQ(caller.finish(),
            "error write the container's standard error: No space left on device (ENOSPC) (0)\n");
}

TEST(Client, PassesSignalsOnAndTheThirdDemandAsSigkill) {
  Monitor monitor;
  Caller caller(monitor, {}, {});
  ASSERT_TRUE(caller.until_attached());
  int count = 0;
  for (const int signal : {SIGUSR1, SIGHUP, SIGTERM, SIGINT, SIGTERM}) {
    caller.send(signal);
    ++count;
    ASSERT_TRUE(caller.until([&] { return std::ranges::count(caller.told(), '\n') == count; }));
  }
  monitor.server().ended(137);
  EXPECT_EQ(caller.finish(), "signal 10\nsignal 1\nsignal 15\nsignal 2\nsignal 9\nended 137\n");
}

TEST(Client, TheThirdDemandEndsItWhenItsOutputIsStuck) {
  Monitor monitor;
  auto out = make_output();
  Caller caller(monitor, {-1, out.far.get(), -1}, {});
  ASSERT_TRUE(caller.until_attached());
  monitor.server().output(1, std::string(200'000, 'x'));
  monitor.server().ended(0);
  for (int count = 1; count <= 3; ++count) {
    caller.send(SIGINT);
    ASSERT_TRUE(caller.until([&] { return std::ranges::count(caller.told(), '\n') >= count; }));
  }
  EXPECT_EQ(caller.finish(), "signal 2\nsignal 2\nsignal 9\nerror interrupted by SIGINT (130)\n");
}

TEST(Client, WithoutTheProxyASignalEndsOnlyIt) {
  Monitor monitor;
  ClientRequest request;
  request.sig_proxy = false;
  Caller caller(monitor, {}, request);
  ASSERT_TRUE(caller.until_attached());
  caller.send(SIGUSR1);
  caller.send(SIGTERM);
  EXPECT_EQ(caller.finish(), "error interrupted by SIGTERM (143)\n");
  monitor.turn();
  EXPECT_TRUE(monitor.server().empty());
}

class OnATerminal : public ::testing::Test {
 protected:
  ClientRequest request(std::string keys = "") {
    ClientRequest request = everything();
    request.terminal = true;
    request.detach_keys = std::move(keys);
    return request;
  }
  testing::Streams streams() {
    const int slave = ends_.far.get();
    return {slave, slave, slave};
  }
  int keyboard() { return ends_.near.get(); }
  int terminal() { return ends_.far.get(); }
  void resize(unsigned short rows, unsigned short columns) {
    const winsize size{rows, columns, 0, 0};
    ::ioctl(keyboard(), TIOCSWINSZ, &size);
  }
  bool until_raw(Caller& caller) {
    return caller.until([this] { return is_raw(terminal()); });
  }

  Monitor monitor_{/*terminal=*/true};
  testing::Ends ends_ = make_terminal();
};

TEST_F(OnATerminal, KeysAreTheContainersAndTheModesComeBack) {
  resize(24, 80);
  Caller caller(monitor_, streams(), request());
  ASSERT_TRUE(until_raw(caller));
  // ctrl-c, ctrl-p, ctrl-q, ctrl-z, ctrl-d and enter
  type(keyboard(), "\x03\x10\x11\x1a\x04\r");
  ASSERT_TRUE(caller.until([&] { return monitor_.input.size() == 6; }));
  EXPECT_EQ(monitor_.input, "\x03\x10\x11\x1a\x04\r");
  EXPECT_EQ(monitor_.sizes, "24x80 ");
  monitor_.server().output(1, "bye\n");
  monitor_.server().ended(0);
  EXPECT_EQ(caller.finish(), "ended 0\n");
  EXPECT_FALSE(is_raw(terminal()));
  EXPECT_EQ(read_some(keyboard()), "bye\n");
}

TEST_F(OnATerminal, FollowsItsSize) {
  Caller caller(monitor_, streams(), request());
  ASSERT_TRUE(until_raw(caller));
  resize(50, 132);
  caller.send(SIGWINCH);
  EXPECT_TRUE(caller.until([&] { return monitor_.sizes.ends_with("50x132 "); })) << monitor_.sizes;
}

TEST_F(OnATerminal, TheDetachKeysLeaveHoweverTheyAreTyped) {
  for (const std::size_t cut : {0U, 1U, 2U}) {
    Caller caller(monitor_, streams(), request("\x10\x11"));
    ASSERT_TRUE(until_raw(caller));
    monitor_.input.clear();
    const std::string typed = std::string("a") + "\x10\x11";
    type(keyboard(), typed.substr(0, cut));
    ASSERT_TRUE(caller.until([&] { return monitor_.input.size() == (cut == 0 ? 0 : 1); }));
    monitor_.turn(20);
    type(keyboard(), typed.substr(cut));
    EXPECT_EQ(caller.finish(), "detached\n");
    EXPECT_FALSE(is_raw(terminal()));
    monitor_.turn();
    EXPECT_EQ(monitor_.input, "a");
    EXPECT_TRUE(monitor_.server().empty());
  }
}

TEST_F(OnATerminal, KeysThatDoNotGoOnArePassedOn) {
  Caller caller(monitor_, streams(), request("\x10\x11"));
  ASSERT_TRUE(until_raw(caller));
  type(keyboard(), "\x10\x10");
  ASSERT_TRUE(caller.until([&] { return monitor_.input == "\x10"; }));
  type(keyboard(), "x\x10y");
  ASSERT_TRUE(caller.until([&] { return monitor_.input == "\x10\x10x\x10y"; })) << monitor_.input;
}

TEST_F(OnATerminal, CanBeLeftWhenTheContainerReadsNothing) {
  monitor_.room = 0;
  Caller caller(monitor_, streams(), request("\x10\x11"));
  ASSERT_TRUE(until_raw(caller));
  type(keyboard(), "some keys");
  ASSERT_TRUE(caller.until([&] { return monitor_.server().has_input(); }));
  type(keyboard(), "\x10\x11");
  EXPECT_EQ(caller.finish(), "detached\n");
}

TEST_F(OnATerminal, AStoppedClientGivesTheTerminalBackAndTakesItAgain) {
  resize(24, 80);
  Caller caller(monitor_, streams(), request());
  ASSERT_TRUE(until_raw(caller));
  caller.send(SIGTSTP);
  int status = 0;
  ASSERT_TRUE(
      caller.until([&] { return ::waitpid(caller.pid(), &status, WUNTRACED | WNOHANG) != 0; }));
  ASSERT_TRUE(WIFSTOPPED(status));
  EXPECT_FALSE(is_raw(terminal()));
  resize(30, 90);
  caller.send(SIGCONT);
  ASSERT_TRUE(until_raw(caller));
  EXPECT_TRUE(caller.until([&] { return monitor_.sizes.ends_with("30x90 "); })) << monitor_.sizes;
  EXPECT_EQ(caller.told(), "") << "job control is not the container's";
}

TEST_F(OnATerminal, TheModesComeBackWhenTheMonitorDies) {
  Caller caller(monitor_, streams(), request());
  ASSERT_TRUE(until_raw(caller));
  monitor_.die();
  EXPECT_EQ(caller.finish(), "died\n");
  EXPECT_FALSE(is_raw(terminal()));
}

TEST_F(OnATerminal, LeavesWhenTheTerminalHangsUp) {
  Caller caller(monitor_, streams(), request());
  ASSERT_TRUE(until_raw(caller));
  ends_.far.reset();
  ends_.near.reset();
  EXPECT_EQ(caller.finish(), "error the terminal has hung up (129)\n");
}

TEST(CheckStreams, WantsATerminalForATerminal) {
  ClientRequest request = everything();
  EXPECT_TRUE(check_streams(request));
  request.terminal = true;
  const UniqueFd before(::fcntl(0, F_DUPFD_CLOEXEC, 3));
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  ::dup2(null.get(), 0);
  const auto checked = check_streams(request);
  request.input = false;
  EXPECT_TRUE(check_streams(request));
  ::dup2(before.get(), 0);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message(), "the input device is not a TTY");
}

TEST(KeysFromText, ReadsDockersGrammar) {
  EXPECT_EQ(keys_from_text("").value(), "");
  EXPECT_EQ(keys_from_text("ctrl-p,ctrl-q").value(), "\x10\x11");
  EXPECT_EQ(keys_from_text("a,ctrl-C,DEL").value(), "a\x03\x7f");
  EXPECT_EQ(keys_from_text("ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_").value(),
            std::string("\0\x1b\x1c\x1d\x1e\x1f", 6));
}

TEST(KeysFromText, RefusesEverythingElse) {
  for (const char* text : {"ctrl-", "ctrl-ab", "ctrl-1", "ab", ",", "a,", "ctrl-p;ctrl-q"}) {
    EXPECT_FALSE(keys_from_text(text)) << text;
  }
}

}  // namespace
}  // namespace mycontainer::runtime::attach
