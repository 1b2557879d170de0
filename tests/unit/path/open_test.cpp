#include "rootfs/path/open.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "rootfs/path/walk.h"
#include "tests/unit/path/hostile_tree.h"

namespace mycontainer::rootfs::path {
namespace {

using test::HostileTree;
using test::path_of;

// What an open led to, as text that two implementations can be compared by.
std::string outcome(const Result<UniqueFd>& opened) {
  return opened ? path_of(opened->get()) : errno_name(opened.error().code);
}

const std::vector<int> kFlags = {
    O_PATH,
    O_PATH | O_NOFOLLOW,
    O_PATH | O_DIRECTORY,
    O_PATH | O_DIRECTORY | O_NOFOLLOW,
    O_RDONLY | O_NONBLOCK,
    O_RDONLY | O_NONBLOCK | O_NOFOLLOW,
    O_RDONLY | O_DIRECTORY,
    O_RDWR | O_NONBLOCK,
    O_RDWR | O_CREAT | O_NONBLOCK,
    O_RDWR | O_CREAT | O_NONBLOCK | O_NOFOLLOW,
    O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK,
};

// One, two and three components out of the tree's names, in all spellings of a path.
std::vector<std::string> hostile_paths(const HostileTree& tree) {
  std::vector<std::string> paths = {"/",
                                    ".",
                                    "..",
                                    "/..",
                                    "",
                                    "//",
                                    "../..",
                                    "/./",
                                    "...",
                                    std::string(5000, 'a'),
                                    std::string(300, 'a')};
  for (const std::string& a : tree.names()) {
    for (const char* tail : {"", "/", "/.", "/..", "/../..", "//", "/./"})
      paths.push_back(a + tail);
    paths.push_back("/" + a);
    paths.push_back("../../" + a);
    for (const std::string& b : tree.names()) {
      paths.push_back(a + "/" + b);
      paths.push_back("/" + a + "//" + b + "/");
      paths.push_back(a + "/../" + b + "/secret");
      paths.push_back(a + "/" + b + "/../../file");
    }
  }
  return paths;
}

std::string opened_and_removed(const Result<UniqueFd>& opened, int flags, const HostileTree& tree) {
  std::string result = outcome(opened);
  const bool made = opened && (flags & O_CREAT) != 0 && result.find("missing") != std::string::npos;
  if (made) ::unlink(result.c_str());
  EXPECT_TRUE(!opened || result.rfind(tree.root(), 0) == 0) << result;
  return result;
}

TEST(OpenInRoot, NeverLeavesTheRootAndTheWalkAgreesWithTheKernel) {
  const HostileTree tree;
  const UniqueFd root = tree.open_root();
  const std::string before = tree.canary();
  std::size_t opened = 0, compared = 0;
  for (const std::string& path : hostile_paths(tree)) {
    for (const int flags : kFlags) {
      const std::string kernel =
          opened_and_removed(open_in_root(root.get(), path, flags, 0644), flags, tree);
      const std::string walk =
          opened_and_removed(open_in_root_walking(root.get(), path, flags, 0644), flags, tree);
      EXPECT_EQ(kernel, walk) << "path " << path << " flags " << std::oct << flags;
      opened += kernel.front() == '/' ? 1 : 0;
      ++compared;
    }
  }
  EXPECT_GT(opened, compared / 20);  // a corpus of failures only would prove little
  EXPECT_EQ(tree.canary(), before);
}

TEST(OpenInRoot, RefusesMagicLinksOfProcInBothForms) {
  const UniqueFd root(::open("/", O_PATH | O_CLOEXEC));
  for (const char* path : {"/proc/self/root", "/proc/self/root/etc", "/proc/self/cwd",
                           "/proc/self/exe", "/proc/self/fd/0", "/proc/thread-self/root/etc",
                           "/proc/self/cwd/..", "/proc/self/ns/mnt"}) {
    for (const auto& opened :
         {open_in_root(root.get(), path, O_PATH), open_in_root_walking(root.get(), path, O_PATH)}) {
      ASSERT_FALSE(opened) << path;
      EXPECT_EQ(opened.error().code, ELOOP) << path;
    }
  }
}

TEST(OpenInRoot, FollowsTheOrdinaryLinksOfProcInBothForms) {
  const UniqueFd root(::open("/", O_PATH | O_CLOEXEC));
  for (const char* path : {"/proc/self/status", "/proc/mounts", "/proc/net/unix", "/proc/self"}) {
    EXPECT_EQ(outcome(open_in_root(root.get(), path, O_PATH)),
              outcome(open_in_root_walking(root.get(), path, O_PATH)))
        << path;
    EXPECT_TRUE(open_in_root_walking(root.get(), path, O_PATH)) << path;
  }
}

TEST(OpenInRoot, StopsAtTooManyLinksInBothForms) {
  const test::TemporaryDirectory directory;
  directory.make_file("0");
  for (int i = 0; i < 45; ++i) directory.make_link(std::to_string(i), std::to_string(i + 1));
  const UniqueFd root = directory.open();
  for (const auto& [name, code] : {std::pair{"40", 0}, std::pair{"41", ELOOP}}) {
    const auto kernel = open_in_root(root.get(), name, O_PATH);
    const auto walk = open_in_root_walking(root.get(), name, O_PATH);
    EXPECT_EQ(kernel ? 0 : kernel.error().code, code);
    EXPECT_EQ(walk ? 0 : walk.error().code, code);
  }
}

TEST(OpenInRoot, OpensCloseOnExecInBothForms) {
  const HostileTree tree;
  const UniqueFd root = tree.open_root();
  for (const auto& opened : {open_in_root(root.get(), "file", O_RDONLY),
                             open_in_root_walking(root.get(), "file", O_RDONLY),
                             open_in_root_walking(root.get(), "file", O_PATH)}) {
    ASSERT_TRUE(opened);
    EXPECT_EQ(::fcntl(opened->get(), F_GETFD), FD_CLOEXEC);
  }
}

TEST(OpenInRoot, GivesANewFileTheModeAskedFor) {
  const HostileTree tree;
  const UniqueFd root = tree.open_root();
  const mode_t old = ::umask(0);
  for (const auto& opened : {open_in_root(root.get(), "new1", O_CREAT | O_WRONLY, 0640),
                             open_in_root_walking(root.get(), "new2", O_CREAT | O_WRONLY, 0640)}) {
    ASSERT_TRUE(opened) << opened.error().message();
    struct stat status {};
    ASSERT_EQ(::fstat(opened->get(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, mode_t(0640));
  }
  ::umask(old);
}

TEST(OpenInRoot, NamesThePathThatFailed) {
  const HostileTree tree;
  const auto opened = open_in_root(tree.open_root().get(), "/missing", O_RDONLY);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message(),
            "open /missing in the root filesystem: No such file or directory (ENOENT)");
}

TEST(ReadlinkInRoot, ReadsTheLinkItselfAndRefusesOtherFiles) {
  const HostileTree tree;
  const UniqueFd root = tree.open_root();
  const auto target = readlink_in_root(root.get(), "/abs_file");
  ASSERT_TRUE(target) << target.error().message();
  EXPECT_EQ(*target, "/dir/file");
  const auto file = readlink_in_root(root.get(), "/file");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, EINVAL);
}

TEST(StatInRoot, FollowsInsideTheRootOrNotAtAll) {
  const HostileTree tree;
  const UniqueFd root = tree.open_root();
  const auto followed = stat_in_root(root.get(), "abs_dir");
  const auto itself = stat_in_root(root.get(), "abs_dir", false);
  ASSERT_TRUE(followed && itself);
  EXPECT_TRUE(S_ISDIR(followed->st_mode));
  EXPECT_TRUE(S_ISLNK(itself->st_mode));
  EXPECT_FALSE(stat_in_root(root.get(), "out"));
}

}  // namespace
}  // namespace mycontainer::rootfs::path
