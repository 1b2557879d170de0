#include "runtime/cgroup/leaf.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "runtime/cgroup/cpuset.h"
#include "tests/unit/cgroup/support.h"

namespace mycontainer::runtime::cgroup {
namespace {

Leaf leaf_in(const TemporaryTree& tree, const std::string& parent) {
  Leaf leaf;
  leaf.mount_point = tree.path("");
  leaf.parent_path = parent;
  leaf.name = "c1";
  return leaf;
}

void write_controllers(const TemporaryTree& tree, const std::string& cgroup,
                       const std::string& offered, const std::string& given) {
  tree.write(cgroup + "/cgroup.controllers", offered + "\n");
  tree.write(cgroup + "/cgroup.subtree_control", given);
}

TEST(Words, AreWholeWords) {
  EXPECT_TRUE(has_word("cpuset cpu io\n", "cpu"));
  EXPECT_TRUE(has_word("cpuset cpu io\n", "io"));
  EXPECT_FALSE(has_word("cpuset io\n", "cpu"));
  EXPECT_FALSE(has_word("", "cpu"));
}

TEST(Parents, AreMadeOnDemandAndRemovedAgainWhenTheStartFails) {
  const TemporaryTree tree;
  {
    MadeDirectories made;
    Leaf leaf = leaf_in(tree, "/a/b");
    ASSERT_TRUE(open_parent(leaf, {}, made));
    ASSERT_TRUE(make_leaf(leaf, made));
    EXPECT_TRUE(tree.has("a/b/c1"));
  }
  EXPECT_FALSE(tree.has("a"));
}

TEST(Parents, StayWhenTheStartSucceeded) {
  const TemporaryTree tree;
  {
    MadeDirectories made;
    Leaf leaf = leaf_in(tree, "/a");
    ASSERT_TRUE(open_parent(leaf, {}, made));
    ASSERT_TRUE(make_leaf(leaf, made));
    made.commit();
  }
  EXPECT_TRUE(tree.has("a/c1"));
}

TEST(Parents, OfOthersAreLeftAlone) {
  const TemporaryTree tree;
  tree.make("a");
  {
    MadeDirectories made;
    Leaf leaf = leaf_in(tree, "/a/b");
    ASSERT_TRUE(open_parent(leaf, {}, made));
  }
  EXPECT_TRUE(tree.has("a"));
  EXPECT_FALSE(tree.has("a/b"));
}

TEST(Leaf, OfATakenNameIsRefused) {
  const TemporaryTree tree;
  tree.make("a/c1");
  MadeDirectories made;
  Leaf leaf = leaf_in(tree, "/a");
  ASSERT_TRUE(open_parent(leaf, {}, made));
  const auto result = make_leaf(leaf, made);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(), "make cgroup /a/c1: File exists (EEXIST)");
}

TEST(Controllers, AreGivenOnEveryLevelOnTheWayDown) {
  const TemporaryTree tree;
  write_controllers(tree, "", "cpu memory pids", "");
  write_controllers(tree, "a", "cpu memory pids", "");
  MadeDirectories made;
  Leaf leaf = leaf_in(tree, "/a");
  const auto opened = open_parent(leaf, {{"memory", "--memory"}, {"pids", "--pids-limit"}}, made);
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_EQ(tree.read("cgroup.subtree_control"), "+memory +pids");
  EXPECT_EQ(tree.read("a/cgroup.subtree_control"), "+memory +pids");
}

TEST(Controllers, ThatAreGivenAlreadyAreNotWrittenAgain) {
  const TemporaryTree tree;
  write_controllers(tree, "", "cpu memory", "cpu");
  write_controllers(tree, "a", "cpu memory", "");
  MadeDirectories made;
  Leaf leaf = leaf_in(tree, "/a");
  ASSERT_TRUE(open_parent(leaf, {{"cpu", "--cpus"}}, made));
  EXPECT_EQ(tree.read("cgroup.subtree_control"), "cpu");
  EXPECT_EQ(tree.read("a/cgroup.subtree_control"), "+cpu");
}

TEST(Controllers, ThatAreAbsentFailBeforeAnythingIsMade) {
  const TemporaryTree tree;
  write_controllers(tree, "", "cpu memory", "");
  MadeDirectories made;
  Leaf leaf = leaf_in(tree, "/a/b");
  const auto opened = open_parent(leaf, {{"io", "--blkio-weight"}}, made);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().operation.find("--blkio-weight needs the cgroup controller io"),
            std::string::npos);
  EXPECT_FALSE(opened.error().hint.empty());
  EXPECT_FALSE(tree.has("a"));
}

class Settings : public testing::Test {
 protected:
  TemporaryTree tree_;
  int dir_ = ::open(tree_.path("").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ~Settings() override { ::close(dir_); }
};

TEST_F(Settings, AreWrittenToTheirFiles) {
  tree_.write("pids.max", "");
  ASSERT_TRUE(write_settings(dir_, {{"pids", "pids.max", "5", "--pids-limit"}}));
  EXPECT_EQ(tree_.read("pids.max"), "5");
}

TEST_F(Settings, GoToTheOtherFileWhenTheFirstIsMissing) {
  tree_.write("io.weight", "");
  Setting setting{"io", "io.bfq.weight", "500", "--blkio-weight"};
  setting.other_file = "io.weight";
  setting.other_value = "4950";
  ASSERT_TRUE(write_settings(dir_, {setting}));
  EXPECT_EQ(tree_.read("io.weight"), "4950");
}

TEST_F(Settings, OfAMissingFileAreRefusedUnlessTheyMayBeMissing) {
  Setting setting{"pids", "pids.max", "5", "--pids-limit"};
  const auto refused = write_settings(dir_, {setting});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(), "--pids-limit 5: this kernel has no cgroup file pids.max");
  setting.if_present = true;
  EXPECT_TRUE(write_settings(dir_, {setting}));
}

TEST_F(Settings, ThatNameAnAbsentCpuAreRefused) {
  tree_.write("cpuset.cpus", "");
  tree_.write("cpuset.cpus.effective", "0-1,4\n");
  EXPECT_TRUE(write_settings(dir_, {{"cpuset", "cpuset.cpus", "1,4", "--cpuset-cpus"}}));
  const auto refused = write_settings(dir_, {{"cpuset", "cpuset.cpus", "1-2", "--cpuset-cpus"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(), "--cpuset-cpus 1-2: 2 is not available here, only 0-1,4");
}

TEST_F(Settings, OfV1sEmptyCpusetAreTheParents) {
  tree_.write("cpuset.cpus", "0-3\n");
  tree_.write("cpuset.mems", "0\n");
  tree_.write("child/cpuset.cpus", "\n");
  tree_.write("child/cpuset.mems", "1\n");
  const UniqueFd child(::openat(dir_, "child", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_TRUE(inherit_cpuset(dir_, child.get()));
  EXPECT_EQ(tree_.read("child/cpuset.cpus").substr(0, 3), "0-3");
  EXPECT_EQ(tree_.read("child/cpuset.mems"), "1\n");
}

TEST(NumberList, IsRangesAndNumbers) {
  const auto list = parse_number_list("0-2,7\n");
  ASSERT_TRUE(list);
  EXPECT_EQ(*list, (std::vector<unsigned>{0, 1, 2, 7}));
}

TEST(NumberList, RefusesEverythingElse) {
  for (const char* text : {"a", "1-", "-1", "2-1", "1,,2", "0-99999", "1 2", "0x1"}) {
    EXPECT_FALSE(parse_number_list(text)) << text;
  }
}

TEST(Removal, TakesTheEmptySubCgroupsWithIt) {
  const TemporaryTree tree;
  tree.make("a/c1/x/y/z");
  tree.make("a/c1/x2");
  Leaf leaf = leaf_in(tree, "/a");
  const auto there = open_leaf(leaf);
  ASSERT_TRUE(there && *there);
  const auto removed = remove_leaf(leaf, std::chrono::milliseconds(100));
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_FALSE(tree.has("a/c1"));
}

TEST(Removal, GivesUpInTimeAndSaysWhatStillRuns) {
  const TemporaryTree tree;
  tree.write("a/c1/cgroup.procs", "17\n4\n");  // a file that rmdir(2) will not remove
  Leaf leaf = leaf_in(tree, "/a");
  leaf.version = Version::kV1;
  const auto there = open_leaf(leaf);
  ASSERT_TRUE(there && *there);
  const auto removed = remove_leaf(leaf, std::chrono::milliseconds(20));
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().operation, "cgroup /a/c1 still holds 2 processes: 4, 17");
}

TEST(OpenLeaf, OfNothingIsNoError) {
  const TemporaryTree tree;
  Leaf leaf = leaf_in(tree, "/a");
  const auto there = open_leaf(leaf);
  ASSERT_TRUE(there);
  EXPECT_FALSE(*there);
}

}  // namespace
}  // namespace mycontainer::runtime::cgroup
