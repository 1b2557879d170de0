#include "reexec/sys/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace mycontainer::reexec::sys {
namespace {

constexpr uid_t kNobody = 65534;

// Runs `body` as an ordinary user where we are root, whom permissions do not stop.
template <class Body>
bool as_ordinary_user(Body body) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool changed = ::geteuid() != 0 || ::setresuid(kNobody, kNobody, kNobody) == 0;
    ::_exit(changed && body() ? 0 : 1);
  }
  int status = 1;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

TEST(MakeDirectories, MakesWhatIsMissingAndTakesWhatIsThere) {
  const std::string base = ::testing::TempDir() + "make-" + std::to_string(::getpid());
  ASSERT_TRUE(make_directories(base + "/a/b//c/", 0700));
  ASSERT_TRUE(make_directories(base + "/a/b/c", 0700));
  EXPECT_EQ(::access((base + "/a/b/c").c_str(), F_OK), 0);
  ASSERT_TRUE(write_file_at(AT_FDCWD, base + "/file", "x", O_WRONLY | O_CREAT, 0600));
  const auto refused = make_directories(base + "/file/below", 0700);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ENOTDIR);
  EXPECT_TRUE(remove_tree_at(AT_FDCWD, base));
}

TEST(RemoveTree, EmptiesDirectoriesWithoutAnyPermissionThatTheCallerOwns) {
  std::string top = "/tmp/remove-tree-XXXXXX";
  ASSERT_NE(::mkdtemp(top.data()), nullptr);
  ASSERT_EQ(::chmod(top.c_str(), 0777), 0);
  EXPECT_TRUE(as_ordinary_user([&] {
    const std::string tree = top + "/tree";
    const bool made = ::mkdir(tree.c_str(), 0700) == 0 &&
                      ::mkdir((tree + "/closed").c_str(), 0700) == 0 &&
                      ::mkdir((tree + "/closed/inner").c_str(), 0700) == 0 &&
                      ::mkdir((tree + "/fixed").c_str(), 0700) == 0 &&
                      ::mkdir((tree + "/fixed/inner").c_str(), 0700) == 0 &&
                      ::chmod((tree + "/closed").c_str(), 0) == 0 &&
                      ::chmod((tree + "/fixed").c_str(), 0500) == 0;
    return made && remove_tree_at(AT_FDCWD, tree).has_value() && ::access(tree.c_str(), F_OK) != 0;
  }));
  ::rmdir(top.c_str());
}

TEST(RemoveTree, LeavesWhatASymbolicLinkPointsTo) {
  std::string top = "/tmp/remove-tree-XXXXXX";
  ASSERT_NE(::mkdtemp(top.data()), nullptr);
  const std::string kept = top + "/kept", tree = top + "/tree";
  ASSERT_EQ(::mkdir(kept.c_str(), 0700), 0);
  ASSERT_EQ(::mkdir(tree.c_str(), 0700), 0);
  ASSERT_EQ(::symlink(kept.c_str(), (tree + "/link").c_str()), 0);
  EXPECT_TRUE(remove_tree_at(AT_FDCWD, tree));
  EXPECT_EQ(::rmdir(kept.c_str()), 0);
  EXPECT_EQ(::rmdir(top.c_str()), 0);
}

// What a container makes may be deeper than a process may have descriptors, and than a path is long.
TEST(RemoveTree, TakesTreesOfAnyDepth) {
  constexpr int kDepth = 3000;
  std::string top = "/tmp/remove-tree-XXXXXX";
  ASSERT_NE(::mkdtemp(top.data()), nullptr);
  // What is moved there must not replace it.
  ASSERT_EQ(::mkdir((top + "/.deep-0").c_str(), 0700), 0);
  UniqueFd place(::open(top.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int depth = 0; depth < kDepth; ++depth) {
    ASSERT_EQ(::mkdirat(place.get(), "d", 0700), 0);
    ASSERT_EQ(::mkdirat(place.get(), "e", 0500), 0);
    place.reset(::openat(place.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(place);
  }
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit few{256, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  const auto removed = remove_tree_at(AT_FDCWD, top);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_NE(::access(top.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace mycontainer::reexec::sys
