#include "rootfs/builtin/builtin.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <vector>

#include "rootfs/builtin/archive.h"
#include "rootfs/builtin/embedded.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::rootfs::builtin {
namespace {

using test::TemporaryDirectory;

mode_t mode_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
  return status.st_mode;
}

void expect_complete(const std::string& tree) {
  EXPECT_EQ(mode_of(tree), mode_t(S_IFDIR | 0755));
  EXPECT_EQ(mode_of(tree + "/bin/busybox"), mode_t(S_IFREG | 0755));
  EXPECT_EQ(mode_of(tree + "/etc/shadow"), mode_t(S_IFREG | 0600));
  EXPECT_EQ(mode_of(tree + "/root"), mode_t(S_IFDIR | 0700));
  EXPECT_EQ(mode_of(tree + "/tmp"), mode_t(S_IFDIR | 01777));
  EXPECT_TRUE(S_ISLNK(mode_of(tree + "/bin/sh")));
  EXPECT_EQ(::access((tree + "/bin/sh").c_str(), X_OK), 0);
  EXPECT_EQ(::access((tree + "/usr/bin/env").c_str(), X_OK), 0);
}

TEST(Builtin, IsUnpackedOnFirstUseAndFoundTheSecondTime) {
  const TemporaryDirectory data;
  const auto first = ensure_unpacked(data / "deep/data");
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(*first, data / "deep/data/builtin/" + content_digest());
  expect_complete(*first);
  struct stat before {
  }, after{};
  ASSERT_EQ(::stat(first->c_str(), &before), 0);
  const auto second = ensure_unpacked(data / "deep/data");
  ASSERT_TRUE(second);
  ASSERT_EQ(::stat(second->c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_EQ(before.st_ctim.tv_nsec, after.st_ctim.tv_nsec);
}

TEST(Builtin, RunsItsShell) {
  const TemporaryDirectory data;
  const auto tree = ensure_unpacked(data.path());
  ASSERT_TRUE(tree) << tree.error().message();
  const std::string command = *tree + "/bin/sh -c 'exit 7'";
  EXPECT_EQ(WEXITSTATUS(::system(command.c_str())), 7);
}

TEST(Builtin, DoesNotLetTheUmaskWeakenOrTightenModes) {
  const TemporaryDirectory data;
  const mode_t old = ::umask(077);
  const auto tree = ensure_unpacked(data.path());
  ::umask(old);
  ASSERT_TRUE(tree) << tree.error().message();
  expect_complete(*tree);
}

TEST(Builtin, KeepsTheStoreToItsOwner) {
  const TemporaryDirectory data;
  ASSERT_TRUE(ensure_unpacked(data / "data"));
  EXPECT_EQ(mode_of(data / "data") & 0777, mode_t(0700));
}

pid_t start_unpacking(const std::string& data_root) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(ensure_unpacked(data_root) ? 0 : 1);
  return child;
}

TEST(Builtin, SixteenFirstStartsAtOnceAllSucceed) {
  const TemporaryDirectory data;
  std::vector<pid_t> children;
  for (int i = 0; i < 16; ++i) children.push_back(start_unpacking(data.path()));
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  expect_complete(data / "builtin/" + content_digest());
  EXPECT_NE(::access((data / "builtin/.unpacking").c_str(), F_OK), 0);
}

TEST(Builtin, AFirstStartKilledAtAnyMomentDoesNotSpoilTheNext) {
  for (int delay = 0; delay < 16000; delay += 2000) {
    const TemporaryDirectory data;
    const pid_t child = start_unpacking(data.path());
    ::usleep(static_cast<useconds_t>(delay));
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    const auto tree = ensure_unpacked(data.path());
    ASSERT_TRUE(tree) << tree.error().message();
    expect_complete(*tree);
    EXPECT_NE(::access((data / "builtin/.unpacking").c_str(), F_OK), 0);
  }
}

TEST(Builtin, SaysWhereItCouldNotUnpack) {
  const TemporaryDirectory data;
  data.make_file("file");
  const auto tree = ensure_unpacked(data / "file");
  ASSERT_FALSE(tree);
  EXPECT_NE(tree.error().message().find(data / "file/builtin"), std::string::npos);
  EXPECT_EQ(tree.error().code, ENOTDIR);
}

TEST(Builtin, ConfigNamesAShellAndAPath) {
  const ImageConfig config = image_config();
  EXPECT_EQ(config.command, std::vector<std::string>{"sh"});
  ASSERT_EQ(config.env.size(), 1u);
  EXPECT_EQ(config.env[0].rfind("PATH=/usr/local/sbin:", 0), 0u);
}

TEST(ReadArchive, AcceptsWhatIsEmbedded) {
  const auto archive = decompress(embedded_archive());
  ASSERT_TRUE(archive) << archive.error().message();
  const auto entries = read_archive(*archive);
  ASSERT_TRUE(entries) << entries.error().message();
  EXPECT_GT(entries->size(), 200u);
}

TEST(ReadArchive, GivesEachFileItsBytes) {
  const auto entries = read_archive("d 0755 a\nf 0644 2 a/x\nl ../b a/l\nf 0600 3 y\n\nhixyz");
  ASSERT_TRUE(entries) << entries.error().message();
  ASSERT_EQ(entries->size(), 4u);
  EXPECT_EQ((*entries)[1].bytes, "hi");
  EXPECT_EQ((*entries)[2].target, "../b");
  EXPECT_EQ((*entries)[3].bytes, "xyz");
  EXPECT_EQ((*entries)[3].mode, mode_t(0600));
}

TEST(ReadArchive, RefusesEverythingElse) {
  const std::vector<std::string> bad = {
      "",
      "d 0755 a\n",
      "d 0755 a",
      "x 0755 a\n\n",
      "d 9 a\n\n",
      "d 17777 a\n\n",
      "d 0755 /a\n\n",
      "d 0755 a//b\n\n",
      "d 0755 ../a\n\n",
      "d 0755 a/..\n\n",
      "d 0755 \n\n",
      "l  a\n\n",
      "f 0644 -1 a\n\n",
      "f 0644 99999999999999999999 a\n\n",
      "f 0644 3 a\n\nhi",
      "f 0644 1 a\n\nhi",
      "f 0644 a\n\n",
  };
  for (const std::string& archive : bad) EXPECT_FALSE(read_archive(archive)) << archive;
}

TEST(Decompress, RefusesWhatIsNoWholeFrame) {
  EXPECT_FALSE(decompress(""));
  EXPECT_FALSE(decompress("nonsense"));
  EXPECT_FALSE(decompress(embedded_archive().substr(0, 1000)));
}

}  // namespace
}  // namespace mycontainer::rootfs::builtin
