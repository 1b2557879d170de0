#include "reexec/command.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "reexec/sys/file.h"
#include "tests/unit/reexec/entries.h"
#include "tests/unit/reexec/support.h"

namespace mycontainer::reexec::testing {
namespace {

template <class Builder>
std::string output_of(Builder&& command) {
  const auto output = command.output();
  return output ? output->out : "(" + output.error().message() + ")";
}

Result<Look> look_with(Command& command) {
  auto call = kLook.start_with(command);
  if (!call) return Failure(std::move(call).error());
  return call->wait();
}

// A file in memory whose descriptor is `number` or above.
UniqueFd memory_at(int number, const std::string& name) {
  const UniqueFd file(::memfd_create(name.c_str(), MFD_CLOEXEC));
  return UniqueFd(::fcntl(file.get(), F_DUPFD_CLOEXEC, number));
}

bool has(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

TEST(Command, CanBeStartedOnce) {
  Command command = Command::program("true");
  EXPECT_TRUE(command.run().value().success());
  EXPECT_EQ(command.start().error().message(),
            "start true: this command was started before: Invalid argument (EINVAL)");
  EXPECT_EQ(command.output().error().code, EINVAL);
}

TEST(Command, PassesArgumentsUntouchedAndArgvZeroApart) {
  EXPECT_EQ(output_of(Command::program("printf", {"%s|", "a b", "", "*", "$HOME"})),
            "a b||*|$HOME|");
  EXPECT_EQ(output_of(Command::program("sh", {"-c", "echo $0"}).argv0("other name")),
            "other name\n");
}

TEST(Command, RefusesWhatTheKernelWouldCutShort) {
  EXPECT_EQ(Command::program("true").arg(std::string("a\0b", 3)).run().error().code, EINVAL);
  EXPECT_EQ(Command::program("true").env("A=B", "x").run().error().code, EINVAL);
  EXPECT_EQ(Command::program("true").env("", "x").run().error().code, EINVAL);
  EXPECT_EQ(Command::program("true").env("A", std::string(1, '\0')).run().error().code, EINVAL);
}

TEST(Command, InheritsReplacesAddsAndRemovesVariables) {
  ::setenv("MYCONTAINER_KEPT", "kept", 1);
  ::setenv("MYCONTAINER_GONE", "gone", 1);
  Command command = kLook.command();
  command.env("MYCONTAINER_NEW", "1").env("MYCONTAINER_NEW", "2=3").unset_env("MYCONTAINER_GONE");
  const auto look = look_with(command);
  ASSERT_TRUE(look);
  EXPECT_TRUE(has(look->environment, "MYCONTAINER_KEPT=kept"));
  EXPECT_TRUE(has(look->environment, "MYCONTAINER_NEW=2=3"));
  EXPECT_FALSE(has(look->environment, "MYCONTAINER_NEW=1"));
  EXPECT_FALSE(has(look->environment, "MYCONTAINER_GONE=gone"));
  EXPECT_EQ(output_of(Command::program("env").clear_env().env("ONLY", "this")), "ONLY=this\n");
}

TEST(Command, EntersItsDirectoryByPathAndByDescriptor) {
  const TemporaryDirectory directory;
  EXPECT_EQ(output_of(Command::program("pwd").cwd(directory.path())), directory.path() + "\n");
  UniqueFd fd(::open(directory.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  EXPECT_EQ(output_of(Command::program("pwd").cwd(std::move(fd))), directory.path() + "\n");
}

TEST(Command, NamesTheStepThatFailed) {
  EXPECT_EQ(Command::program("pwd").cwd("/missing").run().error().message(),
            "start pwd: enter working directory /missing: No such file or directory (ENOENT)");
  EXPECT_EQ(Command::program("pwd").give(987, 5).run().error().message(),
            "start pwd: give descriptor 987: Bad file descriptor (EBADF)");
}

TEST(Command, TellsAMissingProgramFromOneThatCannotRun) {
  const auto missing = Command::program("/missing/program").run();
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message(), "exec /missing/program: No such file or directory (ENOENT)");
  EXPECT_EQ(missing.error().exit_status, 127);
  const auto directory = Command::program("/tmp").run();
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().message(), "exec /tmp: Permission denied (EACCES)");
  EXPECT_EQ(directory.error().exit_status, 126);
  const auto bare = Command::program("no-such-program-anywhere").run();
  ASSERT_FALSE(bare);
  EXPECT_EQ(bare.error().exit_status, 127);
  EXPECT_EQ(child_count(), 0);
}

TEST(Command, NeverRunsABareNameFromTheWorkingDirectory) {
  const std::string before = ::getenv("PATH");
  ASSERT_EQ(::access("/bin/true", X_OK), 0);
  ASSERT_EQ(::chdir("/bin"), 0);
  ::setenv("PATH", ":.:", 1);  // "." may be asked for, an empty element is an accident
  EXPECT_TRUE(Command::program("true").run());
  ::setenv("PATH", "::", 1);
  EXPECT_EQ(Command::program("true").run().error().exit_status, 127);
  ::setenv("PATH", before.c_str(), 1);
  ASSERT_EQ(::chdir("/"), 0);
}

TEST(Command, CollectsOutputsApartAndTogether) {
  const std::vector<std::string> script{"-c", "echo out; echo err >&2; echo out again; exit 3"};
  auto output = Command::program("sh", script).output();
  ASSERT_TRUE(output);
  EXPECT_EQ(output->out, "out\nout again\n");
  EXPECT_EQ(output->err, "err\n");
  EXPECT_EQ(output->status.value, 3);
  output = Command::program("sh", script).combined_output();
  ASSERT_TRUE(output);
  EXPECT_EQ(output->out, "out\nerr\nout again\n");
  EXPECT_EQ(output->err, "");
}

TEST(Command, CollectsMoreThanAPipeHolds) {
  const auto output =
      Command::program(
          "sh", {"-c", "head -c 3000000 /dev/zero >&2; head -c 3000000 /dev/zero; printf end"})
          .output();
  ASSERT_TRUE(output);
  EXPECT_EQ(output->err.size(), 3000000u);
  EXPECT_EQ(output->out.size(), 3000003u);
  EXPECT_EQ(output->out.substr(3000000), "end");
}

TEST(Command, StopsCollectingAtItsLimit) {
  const auto output = Command::program("yes").output(100000);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, EFBIG);
  EXPECT_EQ(child_count(), 0);
}

TEST(Command, DoesNotWaitForAGrandchildThatKeepsThePipeOpen) {
  Command command = Command::entry("leave-grandchild");
  command.out(Stdio::buffer());
  const auto output = command.output();
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(output->out, "done");
  EXPECT_EQ(output->status.shell_code(), 0);
  const Channel channel = command.take_channel();
  auto message = channel.receive();
  ASSERT_TRUE(message && *message);
  // The grandchild lives and holds the pipe; it ends when the message's descriptors close.
  pollfd grandchild{(*message)->fds.at(0).get(), POLLIN, 0};
  EXPECT_EQ(::poll(&grandchild, 1, 0), 0);
  (*message)->fds.at(1).reset();
  EXPECT_EQ(::poll(&grandchild, 1, 10000), 1);
}

TEST(Command, ConnectsInputInEveryWay) {
  EXPECT_EQ(output_of(Command::program("cat").in(Stdio::bytes("hello"))), "hello");
  EXPECT_EQ(output_of(Command::program("cat").in(Stdio::null())), "");
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/file";
  ASSERT_TRUE(sys::write_file_at(AT_FDCWD, path, "text", O_WRONLY | O_CREAT, 0600));
  EXPECT_EQ(output_of(Command::program("cat").in(Stdio::file(path, O_RDONLY))), "text");
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(output_of(Command::program("cat").in(Stdio::fd(file.get()))), "text");
  ASSERT_EQ(::lseek(file.get(), 0, SEEK_SET), 0);
  EXPECT_EQ(output_of(Command::program("cat").in(Stdio::fd(std::move(file)))), "text");
}

TEST(Command, WritesToFilesAndPipes) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/out";
  Command command = Command::program("sh", {"-c", "echo out; echo err >&2"});
  command.out(Stdio::file(path, O_WRONLY | O_CREAT | O_TRUNC)).err_to_out();
  ASSERT_TRUE(command.run());
  EXPECT_EQ(read_text(path), "out\nerr\n");

  Command cat = Command::program("cat");
  cat.in(Stdio::pipe()).out(Stdio::pipe());
  auto process = cat.start();
  ASSERT_TRUE(process);
  UniqueFd in = cat.take_pipe(0);
  const UniqueFd out = cat.take_pipe(1);
  ASSERT_TRUE(sys::write_all(in.get(), "through"));
  in.reset();
  EXPECT_EQ(sys::read_all(out.get()).value(), "through");
  EXPECT_TRUE(process->wait().value().success());
  EXPECT_FALSE(cat.take_pipe(1).valid());
}

TEST(Command, SendsErrorsToAnInheritedOutput) {
  // Nothing moves 1, so 2 becomes a copy of the inherited one.
  Command command = kLook.command();
  command.err_to_out();
  const auto look = look_with(command);
  ASSERT_TRUE(look);
  EXPECT_EQ(look->fds.at(1), look->fds.at(2));
}

TEST(Command, GivesATerminal) {
  Command command = kLook.command();
  command.in(Stdio::pty()).out(Stdio::pty()).err(Stdio::pty());
  command.attributes().new_session = true;
  command.attributes().controlling_terminal = true;
  const auto look = look_with(command);
  ASSERT_TRUE(look) << look.error().message();
  EXPECT_EQ(look->terminal.rfind("/dev/pts/", 0), 0u) << look->terminal;
  EXPECT_EQ(look->fds.at(0), look->terminal);
  EXPECT_EQ(look->fds.at(2), look->terminal);
  EXPECT_EQ(look->session, look->pid);
}

TEST(Command, HandsTheTerminalsMasterToItsCaller) {
  Command command = Command::program("sh", {"-c", "read line; stty size; tty"});
  command.in(Stdio::pty()).out(Stdio::pty());
  auto process = command.start();
  ASSERT_TRUE(process) << process.error().message();
  const UniqueFd master = command.take_terminal();
  const winsize size{31, 97, 0, 0};
  ASSERT_EQ(::ioctl(master.get(), TIOCSWINSZ, &size), 0);
  ASSERT_TRUE(sys::write_all(master.get(), "go\n"));
  EXPECT_TRUE(process->wait().value().success());
  std::array<char, 200> text{};
  std::string all;
  for (ssize_t count = 0; (count = ::read(master.get(), text.data(), text.size())) > 0;) {
    all.append(text.data(), static_cast<std::size_t>(count));
  }
  EXPECT_NE(all.find("31 97\r\n/dev/pts/"), std::string::npos) << all;
}

TEST(Command, LeavesTheChildExactlyTheDescriptorsItWasGiven) {
  // Fifty descriptors that are not close-on-exec, as a careless library leaves them.
  std::vector<UniqueFd> careless;
  for (int i = 0; i < 50; ++i) careless.emplace_back(::open("/", O_RDONLY));
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  Command command = kLook.command();
  command.give(null.get(), 7).give(null.get(), 200);
  const auto look = look_with(command);
  ASSERT_TRUE(look) << look.error().message();
  std::vector<int> numbers;
  for (const auto& [number, target] : look->fds) numbers.push_back(number);
  EXPECT_EQ(numbers, (std::vector<int>{0, 1, 2, 3, 7, 200}));
  EXPECT_EQ(look->fds.at(7), "/dev/null");
  EXPECT_EQ(look->fds.at(200), "/dev/null");
}

TEST(Command, LeavesNothingOpenInTheParent) {
  const int before = open_descriptor_count();
  { EXPECT_TRUE(Command::entry("exit-with", {"0"}).run()); }
  EXPECT_FALSE(Command::program("/missing").output());
  EXPECT_TRUE(Command::program("true").output());
  EXPECT_EQ(open_descriptor_count(), before);
}

// Every permutation of four descriptors that are each other's targets.
TEST(Command, PlacesDescriptorsWhoseNumbersOverlap) {
  std::array<UniqueFd, 4> files;
  std::array<int, 4> numbers{};
  for (std::size_t i = 0; i < files.size(); ++i) {
    files[i] = memory_at(20 + static_cast<int>(i), "file" + std::to_string(i));
    numbers[i] = files[i].get();
  }
  std::array<std::size_t, 4> order{0, 1, 2, 3};
  do {
    Command command = kLook.command();
    for (std::size_t i = 0; i < order.size(); ++i) command.give(numbers[i], numbers[order[i]]);
    const auto look = look_with(command);
    ASSERT_TRUE(look) << look.error().message();
    for (std::size_t i = 0; i < order.size(); ++i) {
      EXPECT_EQ(look->fds.at(numbers[order[i]]), "/memfd:file" + std::to_string(i) + " (deleted)");
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Command, SwapsInputAndOutput) {
  const UniqueFd in(::memfd_create("in", MFD_CLOEXEC));
  Command command = kLook.command();
  command.in(Stdio::fd(2)).out(Stdio::fd(in.get())).err(Stdio::fd(0)).give(1, 5);
  const auto look = look_with(command);
  ASSERT_TRUE(look);
  const auto plain = kLook();
  ASSERT_TRUE(plain);
  EXPECT_EQ(look->fds.at(0), plain->fds.at(2));
  EXPECT_EQ(look->fds.at(1), "/memfd:in (deleted)");
  EXPECT_EQ(look->fds.at(2), plain->fds.at(0));
  EXPECT_EQ(look->fds.at(5), plain->fds.at(1));
}

TEST(Command, GivesADescriptorItsOwnNumber) {
  const UniqueFd file = memory_at(20, "same");
  Command command = kLook.command();
  command.give(file.get(), file.get());
  const auto look = look_with(command);
  ASSERT_TRUE(look);
  EXPECT_EQ(look->fds.at(file.get()), "/memfd:same (deleted)");
}

// The binary's, the directory's and every other descriptor of the plan are in the way once.
TEST(Command, MovesItsOwnDescriptorsOutOfTheWay) {
  for (int target = 3; target < 16; ++target) {
    const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    Command command = Command::program("pwd");
    command.executable(UniqueFd(::open("/bin/pwd", O_PATH | O_CLOEXEC)))
        .cwd(UniqueFd(::open("/tmp", O_PATH | O_CLOEXEC)))
        .give(null.get(), target);
    command.attributes().parent_death_signal = SIGKILL;
    EXPECT_EQ(output_of(command), "/tmp\n") << target;
  }
}

TEST(Command, RefusesOneNumberForTwoDescriptors) {
  EXPECT_EQ(Command::program("true").give(0, 5).give(1, 5).run().error().message(),
            "start true: descriptor 5 is given twice: Invalid argument (EINVAL)");
  EXPECT_EQ(Command::entry("echo").give(0, kChannelFd).run().error().code, EINVAL);
  EXPECT_EQ(Command::program("true").give(0, 1).run().error().code, EINVAL);
  EXPECT_EQ(Command::program("true").give(0, -1).run().error().code, EBADF);
}

TEST(Command, TalksToAnEntryOverItsChannel) {
  Command command = Command::entry("echo");
  auto process = command.start();
  ASSERT_TRUE(process);
  Channel channel = command.take_channel();
  const UniqueFd file(::memfd_create("passed", MFD_CLOEXEC));
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(channel.send(static_cast<std::uint32_t>(i), "ping", {{file.get()}}));
    const auto message = channel.receive();
    ASSERT_TRUE(message && *message);
    EXPECT_EQ((*message)->type, static_cast<std::uint32_t>(i));
    EXPECT_TRUE(same_file((*message)->fds.at(0).get(), file.get()));
  }
  channel.close();
  EXPECT_TRUE(process->wait().value().success());
}

}  // namespace
}  // namespace mycontainer::reexec::testing
