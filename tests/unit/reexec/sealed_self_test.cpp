#include "reexec/sealed_self.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "reexec/sys/file.h"
#include "tests/unit/reexec/entries.h"
#include "tests/unit/reexec/support.h"

namespace mycontainer::reexec::testing {
namespace {

// The tests' binary is root's own in the sandbox, and its user could write it: never safe as it is.
TEST(SealedSelf, IsAnOverlayForRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const TemporaryDirectory scratch;
  const auto sealed = sealed_self(scratch.path());
  ASSERT_TRUE(sealed) << sealed.error().message();
  EXPECT_EQ(sealed->seal, Seal::kOverlay);
  EXPECT_EQ(::fcntl(sealed->fd.get(), F_GETFD), FD_CLOEXEC);
  // Mounted nowhere.
  EXPECT_EQ(read_text("/proc/self/mountinfo").find(scratch.path()), std::string::npos);
  // No way to open it for writing, not even for root.
  const UniqueFd writer(::open(sys::fd_path(sealed->fd.get()).c_str(), O_WRONLY | O_CLOEXEC));
  EXPECT_FALSE(writer.valid());
  EXPECT_EQ(errno, EROFS);
}

TEST(SealedSelf, IsACopyInMemoryWithoutAScratchDirectory) {
  for (const std::string& scratch : {std::string(), std::string("/missing"), std::string("/")}) {
    const auto sealed = sealed_self(scratch);
    ASSERT_TRUE(sealed) << sealed.error().message();
    ASSERT_EQ(sealed->seal, Seal::kMemory);
    const int seals = ::fcntl(sealed->fd.get(), F_GET_SEALS);
    EXPECT_EQ(seals & F_SEAL_WRITE, F_SEAL_WRITE);
    EXPECT_LT(::write(sealed->fd.get(), "x", 1), 0);
    EXPECT_EQ(std::filesystem::file_size("/proc/self/exe"),
              std::filesystem::file_size(sys::fd_path(sealed->fd.get())));
  }
}

TEST(SealedSelf, RunsAsAnEntry) {
  const TemporaryDirectory scratch;
  for (const std::string& directory : {scratch.path(), std::string()}) {
    auto sealed = sealed_self(directory);
    ASSERT_TRUE(sealed);
    Command command = kLook.command();
    command.executable(std::move(sealed->fd));
    auto call = kLook.start_with(command);
    ASSERT_TRUE(call) << call.error().message();
    const auto look = call->wait();
    ASSERT_TRUE(look) << look.error().message();
    EXPECT_EQ(look->comm, "look\n");
  }
}

// What a copy of this program at its own path, run by `user`, is sealed by.
std::string seal_of_copy(const std::string& path, std::vector<std::string> args, uid_t user = 0) {
  Command command = Command::entry("seal-and-tell", std::move(args));
  command.executable(UniqueFd(::open(path.c_str(), O_PATH | O_CLOEXEC)));
  if (user != 0) command.attributes().credentials = Credentials{user, user};
  auto process = command.start();
  if (!process) return process.error().message();
  const auto message = command.take_channel().receive();
  return message && *message ? (*message)->bytes : "no answer";
}

TEST(SealedSelf, FallsBackToACopyWhenItsFileIsGoneOrTheDirectoriesContainEachOther) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const TemporaryDirectory directory;
  const TemporaryDirectory scratch;
  const std::string path = directory.path() + "/program";
  std::filesystem::copy_file("/proc/self/exe", path);
  std::filesystem::create_directory(directory.path() + "/below");
  EXPECT_EQ(seal_of_copy(path, {scratch.path()}), "overlay");
  EXPECT_EQ(seal_of_copy(path, {directory.path() + "/below"}), "memory");
  EXPECT_EQ(seal_of_copy(path, {scratch.path(), path}), "memory");
}

TEST(SealedSelf, IsAlreadySafeForAnOrdinaryUserWhenRootOwnsTheFile) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const TemporaryDirectory directory;
  ASSERT_EQ(::chmod(directory.path().c_str(), 0755), 0);
  const std::string path = directory.path() + "/program";
  std::filesystem::copy_file("/proc/self/exe", path);
  ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
  EXPECT_EQ(seal_of_copy(path, {""}, 1000), "already");
  ASSERT_EQ(::chmod(path.c_str(), 0775), 0);  // a group could write it
  EXPECT_EQ(seal_of_copy(path, {""}, 1000), "memory");
  ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
  ASSERT_EQ(::chown(path.c_str(), 1000, 1000), 0);  // its own file
  EXPECT_EQ(seal_of_copy(path, {""}, 1000), "memory");
}

// CVE-2019-5736: whoever holds our /proc/PID/exe waits until we are gone and opens it for writing.
std::string attack(Result<SealedSelf> sealed) {
  if (!sealed) return sealed.error().message();
  Command command = Command::entry("wait-for-close");
  command.executable(std::move(sealed->fd));
  auto victim = command.start();
  if (!victim) return victim.error().message();
  const std::string exe = "/proc/" + std::to_string(victim->pid()) + "/exe";
  const UniqueFd held(::open(exe.c_str(), O_PATH | O_CLOEXEC));
  command.take_channel().close();
  (void)victim->wait();
  const std::string path = sys::fd_path(held.get());
  const UniqueFd writer(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!writer) return errno_name(errno);
  if (::write(writer.get(), "#!/bin/evil", 11) < 0) return errno_name(errno);
  return "written";
}

TEST(SealedSelf, CannotBeOverwrittenThroughProcExe) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const TemporaryDirectory scratch;
  const TemporaryDirectory directory;
  EXPECT_EQ(attack(sealed_self(scratch.path())), "EROFS");
  EXPECT_EQ(attack(sealed_self("")), "EPERM");
  // The attack itself works: an unsealed copy of the binary is overwritten.
  const std::string path = directory.path() + "/program";
  std::filesystem::copy_file("/proc/self/exe", path);
  SealedSelf unsealed{UniqueFd(::open(path.c_str(), O_PATH | O_CLOEXEC)), Seal::kAlready};
  EXPECT_EQ(attack(std::move(unsealed)), "written");
}

}  // namespace
}  // namespace mycontainer::reexec::testing
