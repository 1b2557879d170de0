#include "reexec/sys/replace_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "reexec/sys/file.h"

namespace mycontainer::reexec::sys {
namespace {

namespace fs = std::filesystem;

struct ReplaceFile : ::testing::Test {
  std::string base = ::testing::TempDir() + "replace-" + std::to_string(::getpid());
  UniqueFd directory;
  void SetUp() override {
    fs::create_directories(base);
    directory.reset(::open(base.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  void TearDown() override { fs::remove_all(base); }
};

TEST_F(ReplaceFile, MakesAndReplacesWhole) {
  ASSERT_TRUE(replace_file_at(directory.get(), "f", "old", 0600));
  ASSERT_TRUE(replace_file_at(directory.get(), "f", "new", 0600));
  EXPECT_EQ(read_file_at(directory.get(), "f").value(), "new");
  EXPECT_FALSE(fs::exists(base + "/f.tmp"));
}

TEST_F(ReplaceFile, KeepsTheOldOneWhenThereIsNoRoom) {
  ASSERT_TRUE(replace_file_at(directory.get(), "f", "old", 0600));
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{1, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto replaced = replace_file_at(directory.get(), "f", "much longer", 0600);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_FALSE(replaced);
  EXPECT_EQ(read_file_at(directory.get(), "f").value(), "old");
  EXPECT_FALSE(fs::exists(base + "/f.tmp"));
}

TEST_F(ReplaceFile, NeverFollowsALinkOrWaitsForAFifo) {
  fs::create_symlink(base + "/elsewhere", base + "/f.tmp");
  EXPECT_FALSE(replace_file_at(directory.get(), "f", "x", 0600));
  EXPECT_FALSE(fs::exists(base + "/elsewhere"));
  ASSERT_EQ(::mkfifo((base + "/g.tmp").c_str(), 0600), 0);
  EXPECT_FALSE(replace_file_at(directory.get(), "g", "x", 0600));
}

}  // namespace
}  // namespace mycontainer::reexec::sys
