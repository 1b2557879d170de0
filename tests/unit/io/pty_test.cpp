#include "runtime/io/pty.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <string>

#include "harness.h"
#include "runtime/io/null_streams.h"
#include "runtime/io/streams.h"
#include "runtime/io/terminal.h"

namespace mycontainer::runtime::io {
namespace {

using testing::call;
using testing::make_terminal;

class InADirectory : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(name_), nullptr);
    directory_.reset(::open(name_, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  void TearDown() override {
    ::unlinkat(directory_.get(), "ptmx", 0);
    ::unlinkat(directory_.get(), "null", 0);
    ::rmdir(name_);
  }
  [[nodiscard]] int directory() const { return directory_.get(); }
  [[nodiscard]] bool make_device(const char* name, unsigned major, unsigned minor) const {
    return ::mknodat(directory(), name, S_IFCHR | 0666, ::makedev(major, minor)) == 0;
  }

 private:
  char name_[32] = "/tmp/io-pty-XXXXXX";
  UniqueFd directory_;
};

using OpenPty = InADirectory;

TEST_F(OpenPty, GivesTwoEndsOfOneTerminal) {
  const auto ends = make_terminal();
  ASSERT_TRUE(set_window_size(ends.far.get(), {12, 34, 0, 0}));
  const auto size = window_size(ends.near.get());
  ASSERT_TRUE(size);
  EXPECT_EQ(size->ws_row, 12);
  EXPECT_EQ(size->ws_col, 34);
  EXPECT_EQ(::fcntl(ends.near.get(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(::fcntl(ends.far.get(), F_GETFD), FD_CLOEXEC);
}

TEST_F(OpenPty, RefusesASymbolicLink) {
  ASSERT_EQ(::symlinkat("/dev/pts/ptmx", directory(), "ptmx"), 0);
  EXPECT_FALSE(open_pty(directory()));
}

TEST_F(OpenPty, RefusesAnOrdinaryFile) {
  UniqueFd(::openat(directory(), "ptmx", O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
  EXPECT_FALSE(open_pty(directory()));
}

TEST_F(OpenPty, RefusesTheRightDeviceOnAnotherFilesystem) {
  if (!make_device("ptmx", 5, 2)) GTEST_SKIP() << "this user may not make devices";
  const auto pty = open_pty(directory());
  ASSERT_FALSE(pty);
  EXPECT_EQ(pty.error().message(), "ptmx is not on a devpts filesystem");
}

TEST(BecomeSessionLeader, MakesTheTerminalTheControllingOneOnAllThreeStreams) {
  const auto ends = make_terminal();
  const int code = call({ends.far.get(), -1, -1}, [] {
    if (!become_session_leader(UniqueFd(::fcntl(0, F_DUPFD_CLOEXEC, 3)))) return 1;
    for (int fd = 0; fd < 3; ++fd) {
      if (::isatty(fd) != 1 || ::fcntl(fd, F_GETFD) != 0) return 2;
    }
    return ::open("/dev/tty", O_RDWR | O_CLOEXEC) >= 0 && ::getsid(0) == ::getpid() ? 0 : 3;
  });
  EXPECT_EQ(code, 0);
}

TEST(BecomeSessionLeader, KeepsATerminalThatAlreadyStandsAmongTheThree) {
  const auto ends = make_terminal();
  const int code = call({-1, ends.far.get(), -1}, [] {
    ::fcntl(1, F_SETFD, FD_CLOEXEC);
    if (!become_session_leader(UniqueFd(1))) return 1;
    for (int fd = 0; fd < 3; ++fd) {
      if (::isatty(fd) != 1 || ::fcntl(fd, F_GETFD) != 0) return 2;
    }
    return 0;
  });
  EXPECT_EQ(code, 0);
}

using ReopenNullStreams = InADirectory;

TEST_F(ReopenNullStreams, PutsTheContainersDeviceInPlaceOfTheHosts) {
  if (!make_device("null", 1, 3)) GTEST_SKIP() << "this user may not make devices";
  const UniqueFd host(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const auto file = testing::file_with("");
  const std::string path =
      "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(directory());
  const int code = call({host.get(), file.get(), host.get()}, [&path] {
    const UniqueFd dev(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (!reopen_null_streams(dev.get())) return 1;
    struct stat wanted {};
    struct stat in {};
    struct stat err {};
    ::fstatat(dev.get(), "null", &wanted, 0);
    ::fstat(0, &in);
    ::fstat(2, &err);
    if (in.st_ino != wanted.st_ino || err.st_ino != wanted.st_ino) return 2;
    return classify(1) == StreamKind::kFile ? 0 : 3;
  });
  EXPECT_EQ(code, 0);
}

TEST_F(ReopenNullStreams, RefusesAnotherFileOfThatName) {
  UniqueFd(::openat(directory(), "null", O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
  const UniqueFd host(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const std::string path =
      "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(directory());
  const int code = call({host.get(), 1, 2}, [&path] {
    const UniqueFd dev(::open(path.c_str(), O_PATH | O_CLOEXEC));
    return reopen_null_streams(dev.get()) ? 1 : 0;
  });
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace mycontainer::runtime::io
