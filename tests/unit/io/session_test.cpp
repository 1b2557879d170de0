#include "runtime/io/session.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "harness.h"

namespace mycontainer::runtime::io {
namespace {

using namespace std::chrono_literals;
using testing::call;
using testing::contents;
using testing::Ends;
using testing::file_with;
using testing::fork_caller;
using testing::make_pipe;
using testing::make_raw;
using testing::make_sockets;
using testing::make_terminal;
using testing::Program;
using testing::random_bytes;
using testing::read_to_end;
using testing::run_foreground;
using testing::shell;
using testing::start;
using testing::wait_for;
using testing::write_text;

constexpr SessionRequest kInteractive{.interactive = true, .terminal = false};
constexpr std::size_t kSize = (256u << 10) + 12345;

UniqueFd null_device() { return UniqueFd(::open("/dev/null", O_RDWR | O_CLOEXEC)); }

// What the caller's standard input can be, with the test at the other end.
Ends make_input(const std::string& kind, const std::string& bytes) {
  if (kind == "pipe") return make_pipe();
  if (kind == "socket") return make_sockets();
  if (kind == "file") return {UniqueFd(), file_with(bytes)};
  if (kind == "null") return {UniqueFd(), null_device()};
  if (kind == "tty") {
    auto terminal = make_terminal();
    make_raw(terminal.far.get());
    return terminal;
  }
  return {};
}

// What the caller's standard output can be: near is the test's end, far the caller's.
Ends make_output(const std::string& kind) {
  if (kind == "pipe") {
    auto pipe = make_pipe();
    return {std::move(pipe.far), std::move(pipe.near)};
  }
  if (kind == "socket") return make_sockets();
  if (kind == "file") return {UniqueFd(), file_with("")};
  if (kind == "appended") return {UniqueFd(), file_with("", O_APPEND)};
  if (kind == "null") return {UniqueFd(), null_device()};
  if (kind == "tty") {
    auto terminal = make_terminal();
    make_raw(terminal.far.get());
    return terminal;
  }
  return {};
}

// Runs `head -c kSize` between the two streams and returns what came out.
std::string pass(const std::string& input_kind, const std::string& output_kind,
                 const std::string& bytes) {
  auto input = make_input(input_kind, bytes);
  auto output = make_output(output_kind);
  const pid_t caller = fork_caller({input.far.get(), output.far.get(), STDERR_FILENO}, [&bytes] {
    return run_foreground(kInteractive, shell("head -c " + std::to_string(bytes.size())));
  });
  input.far.reset();
  std::thread writer([&] {
    if (input.near) write_text(input.near.get(), bytes);
    if (input_kind != "tty") input.near.reset();
  });
  std::string got;
  if (output.near) {
    // A terminal's end is not seen before its last user has closed it, and no sooner.
    output.far.reset();
    got = read_to_end(output.near.get());
  }
  EXPECT_EQ(wait_for(caller), 0) << input_kind << " to " << output_kind;
  writer.join();
  if (!output.near && output.far && output_kind != "null") got = contents(output.far.get());
  return got;
}

TEST(Session, PassesEveryByteBetweenEveryPairOfStreams) {
  const auto bytes = random_bytes(kSize);
  for (const std::string input : {"pipe", "file", "socket", "tty", "null", "closed"}) {
    for (const std::string output :
         {"pipe", "file", "appended", "socket", "tty", "null", "closed"}) {
      const bool has_input = input != "null" && input != "closed";
      const bool has_output = output != "null" && output != "closed";
      const auto got = pass(input, output, bytes);
      EXPECT_TRUE(got == (has_input && has_output ? bytes : ""))
          << input << " to " << output << ": " << got.size() << " bytes";
    }
  }
}

TEST(Session, GivesNoInputUnlessInteractive) {
  const auto input = file_with("secret");
  const auto output = file_with("");
  EXPECT_EQ(call({input.get(), output.get(), 2}, [] { return run_foreground({}, shell("cat")); }),
            0);
  EXPECT_EQ(contents(output.get()), "");
}

TEST(Session, PassesTheEndOfATerminalsInputOn) {
  auto terminal = make_terminal();
  const auto output = file_with("");
  const pid_t caller = fork_caller({terminal.far.get(), output.get(), 2}, [] {
    return run_foreground(kInteractive, shell("cat; echo over"));
  });
  write_text(terminal.near.get(), "line\n\x04");
  EXPECT_EQ(wait_for(caller), 0);
  EXPECT_EQ(contents(output.get()), "line\nover\n");
}

TEST(Session, Passes64MebibytesFromFileToFileAndFromPipeToSocket) {
  const auto bytes = random_bytes(64u << 20);
  EXPECT_TRUE(pass("file", "file", bytes) == bytes);
  EXPECT_TRUE(pass("pipe", "socket", bytes) == bytes);
}

int write_last_line() { return ::write(STDOUT_FILENO, "last", 4) == 4 ? 3 : 1; }

TEST(Session, NeverLosesALastLineWithoutNewline) {
  const auto output = file_with("", O_APPEND);
  for (int run = 0; run < 1000; ++run) {
    ASSERT_EQ(call({-1, output.get(), 2}, [] { return run_foreground({}, write_last_line); }), 3);
  }
  std::string expected;
  for (int run = 0; run < 1000; ++run) expected += "last";
  EXPECT_EQ(contents(output.get()), expected);
}

TEST(Session, DeliversWhatIsLeftWhenTheContainerEndedBeforeItsReaderCame) {
  auto output = make_sockets();
  const int smallest = 1;
  ::setsockopt(output.far.get(), SOL_SOCKET, SO_SNDBUF, &smallest, sizeof(smallest));
  const auto bytes = random_bytes(60'000);
  const pid_t caller = fork_caller({-1, output.far.get(), 2}, [&bytes] {
    return run_foreground(
        {}, [&bytes] { return ::write(1, bytes.data(), bytes.size()) == 60'000 ? 3 : 1; });
  });
  output.far.reset();
  std::this_thread::sleep_for(200ms);
  EXPECT_TRUE(read_to_end(output.near.get()) == bytes);
  EXPECT_EQ(wait_for(caller), 3);
}

TEST(Session, StopsDeliveringToAStuckReaderWhenAskedToEnd) {
  auto output = make_sockets();
  const int smallest = 1;
  ::setsockopt(output.far.get(), SOL_SOCKET, SO_SNDBUF, &smallest, sizeof(smallest));
  const pid_t caller = fork_caller({-1, output.far.get(), 2}, [] {
    return run_foreground({}, shell("head -c 60000 /dev/zero; exit 3"));
  });
  std::this_thread::sleep_for(200ms);
  ::kill(caller, SIGTERM);
  EXPECT_EQ(wait_for(caller), 3);
}

TEST(Session, NeverLosesTheLastLineOfATerminal) {
  auto output = make_pipe();
  std::string got;
  std::thread reader([&] { got = read_to_end(output.far.get()); });
  for (int run = 0; run < 1000; ++run) {
    ASSERT_EQ(call({-1, output.near.get(), 2},
                   [] {
                     return run_foreground({.interactive = false, .terminal = true},
                                           write_last_line);
                   }),
              3);
  }
  output.near.reset();
  reader.join();
  EXPECT_EQ(got.size(), 4000u);
}

TEST(Session, KeepsTheOrderOfTwoStreamsThatAreOneFile) {
  const auto output = file_with("");
  std::string expected;
  for (int line = 0; line < 200; ++line) {
    expected += "o" + std::to_string(line) + "\ne" + std::to_string(line) + "\n";
  }
  const auto program =
      shell("i=0; while [ $i -lt 200 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done");
  EXPECT_EQ(
      call({-1, output.get(), output.get()}, [&program] { return run_foreground({}, program); }),
      0);
  EXPECT_EQ(contents(output.get()), expected);
}

TEST(Session, KeepsStandardErrorApart) {
  const auto output = file_with("");
  const auto errors = file_with("");
  EXPECT_EQ(call({-1, output.get(), errors.get()},
                 [] { return run_foreground({}, shell("echo out; echo err >&2; exit 9")); }),
            9);
  EXPECT_EQ(contents(output.get()), "out\n");
  EXPECT_EQ(contents(errors.get()), "err\n");
}

TEST(Session, TellsTheContainerThatNobodyReadsItsOutput) {
  const auto stubborn = shell("trap '' PIPE; while echo x; do :; done 2>/dev/null; exit 7");
  for (const std::string kind : {"pipe", "socket"}) {
    auto output = make_output(kind);
    output.near.reset();
    const testing::Streams streams{-1, output.far.get(), 2};
    EXPECT_EQ(call(streams, [&] { return run_foreground({}, stubborn); }), 7) << kind;
    EXPECT_EQ(call(streams, [] { return run_foreground({}, shell("exec yes")); }), 128 + SIGPIPE)
        << kind;
  }
}

TEST(Session, KeepsTheExitCodeAndReportsAFullDisk) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  const int code = call({-1, full.get(), 2}, [] {
    auto session = Session::prepare({});
    auto process = start(*session, shell("echo x; exit 4"));
    const auto status = session->run(process);
    const auto error = session->stream_error();
    return status && status->shell_code() == 4 && error && error->code == ENOSPC ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
}

TEST(Session, MakesAWriterWaitForASlowReader) {
  auto* written = static_cast<std::atomic<std::size_t>*>(
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  auto output = make_sockets();
  constexpr std::size_t kTotal = 8u << 20;
  const pid_t caller = fork_caller({-1, output.far.get(), 2}, [written] {
    return run_foreground({}, [written] {
      const std::string part(4096, 'x');
      while (*written < kTotal && ::write(1, part.data(), part.size()) == 4096) *written += 4096;
      return *written == kTotal ? 0 : 1;
    });
  });
  output.far.reset();
  EXPECT_TRUE(testing::wait_until([&] { return *written > 0; }));
  std::this_thread::sleep_for(200ms);
  EXPECT_LT(written->load(), 2u << 20);
  EXPECT_EQ(read_to_end(output.near.get()).size(), kTotal);
  EXPECT_EQ(wait_for(caller), 0);
  ::munmap(written, 4096);
}

TEST(Session, DoesNotWaitForABackgroundProcessThatKeepsThePipe) {
  for (const char* background : {"sleep 60", "yes"}) {
    const auto output = file_with("");
    const auto program = shell(std::string(background) + " & echo $!; exit 5");
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(call({-1, output.get(), 2}, [&] { return run_foreground({}, program); }), 5);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
    // "yes" may have written before the shell did, and has ended of SIGPIPE by now.
    if (background[0] == 's') ::kill(std::stoi(contents(output.get())), SIGKILL);
  }
}

TEST(Session, HandsPipesOverWithoutAPipeOfItsOwn) {
  auto output = make_output("pipe");
  auto input = make_pipe();
  const int code = call({input.far.get(), output.far.get(), output.far.get()}, [] {
    const auto session = Session::prepare(kInteractive);
    return session && session->child_streams() == std::array<int, 3>{0, 1, 2} ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
}

TEST(Session, NeverHandsOverAFileOrATerminal) {
  for (const std::string kind : {"file", "appended", "tty", "socket"}) {
    auto stream = make_output(kind);
    const int fd = stream.far.get();
    const int code = call({fd, fd, fd}, [] {
      const auto session = Session::prepare(kInteractive);
      if (!session) return 1;
      struct stat status {};
      for (const int given : session->child_streams()) {
        if (::fstat(given, &status) != 0 || !S_ISFIFO(status.st_mode)) return 2;
      }
      return 0;
    });
    EXPECT_EQ(code, 0) << kind;
  }
}

}  // namespace
}  // namespace mycontainer::runtime::io
