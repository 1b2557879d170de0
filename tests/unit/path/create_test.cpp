#include "rootfs/path/create.h"

#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include <string>
#include <vector>

#include "rootfs/path/open.h"
#include "tests/unit/path/hostile_tree.h"

namespace mycontainer::rootfs::path {
namespace {

using test::HostileTree;
using test::path_of;

bool is_inside(const HostileTree& tree, int fd) { return path_of(fd).rfind(tree.root(), 0) == 0; }

TEST(MakeDirectoriesInRoot, MakesWhatIsMissingAndKeepsWhatIsThere) {
  const HostileTree tree;
  const UniqueFd root = tree.open_root();
  const auto made = make_directories_in_root(root.get(), "/dir/./a//b/c/", 0750);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(path_of(made->get()), tree.root() + "/dir/a/b/c");
  struct stat status {};
  ASSERT_EQ(::fstat(made->get(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, mode_t(0750));
  const auto again = make_directories_in_root(root.get(), "dir/a/b/c");
  ASSERT_TRUE(again);
  EXPECT_EQ(path_of(again->get()), tree.root() + "/dir/a/b/c");
}

TEST(MakeDirectoriesInRoot, FollowsLinksInsideTheRoot) {
  const HostileTree tree;
  const UniqueFd root = tree.open_root();
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"abs_dir/new", "/dir/new"},         {"top/new", "/new"},
      {"dangling/new", "/missing/new"},    {"dangling_deep/new", "/missing/too/new"},
      {"roundabout/../new2", "/dir/new2"}, {"one/../two", "/two"},
  };
  for (const auto& [path, expected] : cases) {
    const auto made = make_directories_in_root(root.get(), path);
    ASSERT_TRUE(made) << path << ": " << made.error().message();
    EXPECT_EQ(path_of(made->get()), tree.root() + expected);
  }
}

TEST(MakeDirectoriesInRoot, RefusesWhatIsNoDirectory) {
  const HostileTree tree;
  const UniqueFd root = tree.open_root();
  const std::vector<std::pair<std::string, int>> cases = {
      {"file", ENOTDIR},   {"file/a", ENOTDIR},
      {"fifo/a", ENOTDIR}, {"abs_file/a", ENOTDIR},
      {"loop_a", ELOOP},   {"loop_a/b", ELOOP},
      {"", ENOENT},        {std::string(300, 'a'), ENAMETOOLONG},
  };
  for (const auto& [path, code] : cases) {
    const auto made = make_directories_in_root(root.get(), path);
    ASSERT_FALSE(made) << path;
    EXPECT_EQ(made.error().code, code) << path << ": " << made.error().message();
  }
}

TEST(CreateMountTarget, TakesWhatExistsWithoutOpeningIt) {
  const HostileTree tree;
  const UniqueFd root = tree.open_root();
  for (const char* path : {"file", "abs_file", "fifo", "to_fifo"}) {
    const auto target = create_mount_target(root.get(), path, false);  // a fifo would block
    ASSERT_TRUE(target) << path << ": " << target.error().message();
    EXPECT_TRUE((::fcntl(target->get(), F_GETFL) & O_PATH) != 0) << path;
  }
}

TEST(CreateMountTarget, MakesAnEmptyFileWithItsParents) {
  const HostileTree tree;
  const UniqueFd root = tree.open_root();
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"/new/sub/file", "/new/sub/file"},
      {"here/plain", "/plain"},
      {"dangling_twice", "/missing"},
      {"/abs_dir/x/", "/dir/x"},
  };
  for (const auto& [path, expected] : cases) {
    const auto target = create_mount_target(root.get(), path, false);
    ASSERT_TRUE(target) << path << ": " << target.error().message();
    EXPECT_EQ(path_of(target->get()), tree.root() + expected);
    struct stat status {};
    ASSERT_EQ(::fstat(target->get(), &status), 0);
    EXPECT_TRUE(S_ISREG(status.st_mode) && status.st_size == 0) << path;
  }
}

TEST(CreateMountTarget, RefusesTheOtherKind) {
  const HostileTree tree;
  const UniqueFd root = tree.open_root();
  const auto file = create_mount_target(root.get(), "abs_dir", false);
  const auto directory = create_mount_target(root.get(), "abs_file", true);
  const auto dot = create_mount_target(root.get(), "new/..", false);
  ASSERT_FALSE(file || directory || dot);
  EXPECT_EQ(file.error().code, EISDIR);
  EXPECT_EQ(directory.error().code, ENOTDIR);
}

// The kinds of trap that an image can lay where a mount will go (CVE-2026-41579 and its like).
enum class Trap { kAbsolute, kRelative, kMagic, kDangling, kDanglingOut, kFifo, kDevice };
constexpr Trap kTraps[] = {Trap::kAbsolute,    Trap::kRelative, Trap::kMagic, Trap::kDangling,
                           Trap::kDanglingOut, Trap::kFifo,     Trap::kDevice};

bool lay(Trap trap, const HostileTree& tree, const std::string& name) {
  const std::string place = tree.root() + name;
  const auto link = [&](const std::string& target) {
    return ::symlink(target.c_str(), place.c_str()) == 0;
  };
  switch (trap) {
    case Trap::kAbsolute:
      return link(tree.outside());
    case Trap::kRelative:
      return link("../../../../../../../.." + tree.outside());
    case Trap::kMagic:
      return link("/proc/self/root" + tree.outside());
    case Trap::kDangling:
      return link("nowhere");
    case Trap::kDanglingOut:
      return link(tree.outside() + "/new");
    case Trap::kFifo:
      return ::mkfifo(place.c_str(), 0666) == 0;
    case Trap::kDevice:
      return ::mknod(place.c_str(), S_IFCHR | 0666, makedev(1, 3)) == 0;
  }
  return false;
}

TEST(CreateMountTarget, NoTrapLeadsOutside) {
  for (const Trap trap : kTraps) {
    if (trap == Trap::kDevice && ::geteuid() != 0) continue;  // only root can lay it
    for (const char* name : {"/dev", "/proc", "/sys", "/etc", "/tmp", "/dir/deep"}) {
      const HostileTree tree;
      const UniqueFd root = tree.open_root();
      const std::string before = tree.canary();
      ASSERT_TRUE(lay(trap, tree, name)) << name;
      for (const char* below : {"", "/x", "/x/y", "/../x"}) {
        for (const bool is_directory : {true, false}) {
          const auto target =
              create_mount_target(root.get(), std::string(name) + below, is_directory);
          EXPECT_TRUE(!target || is_inside(tree, target->get())) << name << below;
        }
      }
      EXPECT_EQ(tree.canary(), before) << "trap " << static_cast<int>(trap) << " at " << name;
    }
  }
}

}  // namespace
}  // namespace mycontainer::rootfs::path
