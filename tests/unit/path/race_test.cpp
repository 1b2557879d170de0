#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <string>
#include <thread>

#include "rootfs/path/create.h"
#include "rootfs/path/open.h"
#include "rootfs/path/walk.h"
#include "tests/unit/path/hostile_tree.h"

namespace mycontainer::rootfs::path {
namespace {

using test::HostileTree;
using test::path_of;

// Swaps two names for as long as it lives, as a container with a shared volume can.
class Exchanger {
 public:
  Exchanger(std::string a, std::string b)
      : a_(std::move(a)), b_(std::move(b)), thread_([this] { run(); }) {}
  ~Exchanger() {
    stop_ = true;
    thread_.join();
  }
  Exchanger(const Exchanger&) = delete;
  Exchanger& operator=(const Exchanger&) = delete;
  [[nodiscard]] long swaps() const { return swaps_; }

 private:
  void run() {
    while (!stop_) {
      if (::renameat2(AT_FDCWD, a_.c_str(), AT_FDCWD, b_.c_str(), RENAME_EXCHANGE) == 0) ++swaps_;
    }
  }

  std::string a_, b_;
  std::atomic<bool> stop_ = false;
  std::atomic<long> swaps_ = 0;
  std::thread thread_;
};

constexpr int kRounds = 2000;

void expect_inside(const HostileTree& tree, const Result<UniqueFd>& opened, long& count) {
  if (!opened) return;
  ++count;
  EXPECT_EQ(path_of(opened->get()).rfind(tree.root(), 0), 0u) << path_of(opened->get());
}

TEST(RacingRename, NeitherFormOfOpenLeavesTheRoot) {
  const HostileTree tree;
  const UniqueFd root = tree.open_root();
  const std::string before = tree.canary();
  long opened = 0;
  const Exchanger exchanger(tree.root() + "/dir", tree.root() + "/out");
  for (int i = 0; i < kRounds; ++i) {
    for (const char* path :
         {"dir/secret", "dir/file", "out/sub/../../dir/file", "out/../dir/sub"}) {
      expect_inside(tree, open_in_root(root.get(), path, O_PATH), opened);
      expect_inside(tree, open_in_root_walking(root.get(), path, O_PATH), opened);
    }
  }
  EXPECT_GT(opened, 0);
  EXPECT_GT(exchanger.swaps(), 10);
  EXPECT_EQ(tree.canary(), before);
}

TEST(RacingRename, NothingIsEverMadeOutside) {
  const HostileTree tree;
  const UniqueFd root = tree.open_root();
  const std::string before = tree.canary();
  long made = 0;
  const Exchanger exchanger(tree.root() + "/dir", tree.root() + "/out");
  for (int i = 0; i < kRounds / 20; ++i) {
    const std::string name = std::to_string(i);
    expect_inside(tree, make_directories_in_root(root.get(), "dir/d" + name + "/x"), made);
    expect_inside(tree, create_mount_target(root.get(), "dir/f" + name, false), made);
    expect_inside(tree, open_in_root(root.get(), "dir/o" + name, O_CREAT | O_WRONLY, 0600), made);
    expect_inside(tree, open_in_root_walking(root.get(), "dir/w" + name, O_CREAT | O_WRONLY, 0600),
                  made);
  }
  EXPECT_GT(made, 0);
  EXPECT_GT(exchanger.swaps(), 10);
  EXPECT_EQ(tree.canary(), before);
}

// A directory moved elsewhere while the walk stands in it: ".." must not lead to its new parent.
TEST(RacingRename, DotDotAfterAMoveStaysInside) {
  const HostileTree tree;
  ASSERT_EQ(::mkdir((tree.root() + "/dir/sub/deep").c_str(), 0755), 0);
  const UniqueFd root = tree.open_root();
  long opened = 0;
  const Exchanger exchanger(tree.root() + "/dir/sub/deep", tree.outside() + "/sub");
  for (int i = 0; i < kRounds; ++i) {
    const std::string path = "dir/sub/deep/../../../../../file";
    expect_inside(tree, open_in_root(root.get(), path, O_PATH), opened);
    expect_inside(tree, open_in_root_walking(root.get(), path, O_PATH), opened);
  }
  EXPECT_GT(opened, 0);
}

}  // namespace
}  // namespace mycontainer::rootfs::path
