#include "runtime/cgroup/hierarchies.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/cgroup/support.h"

namespace mycontainer::runtime::cgroup {
namespace {

constexpr const char* kHybrid =
    "23 1 254:0 / / rw - ext4 /dev/vda rw\n"
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup "
    "rw,cpu,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
    "40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"
    "50 23 0:32 / /mnt/again\\040memory rw - cgroup cgroup rw,memory\n";

TEST(Mountinfo, OfAHybridHostHasBothKinds) {
  const Hierarchies found = parse_mountinfo(kHybrid);
  EXPECT_EQ(found.v2, "/sys/fs/cgroup/unified");
  EXPECT_FALSE(found.pure_v2);
  ASSERT_EQ(found.v1.size(), 3u);
  EXPECT_EQ(found.v1[0].controllers, (std::vector<std::string>{"cpu", "cpuacct"}));
}

TEST(Mountinfo, CountsTheFirstMountOfAHierarchy) {
  const Hierarchies found = parse_mountinfo(kHybrid);
  ASSERT_NE(find_controller(found, "memory"), nullptr);
  EXPECT_EQ(find_controller(found, "memory")->mount_point, "/sys/fs/cgroup/memory");
  EXPECT_EQ(find_controller(found, "pids"), nullptr);
  EXPECT_NE(find_controller(found, "name=systemd"), nullptr);
}

TEST(Mountinfo, OfAPureV2HostHasNoV1) {
  const Hierarchies found =
      parse_mountinfo("30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n");
  EXPECT_TRUE(found.pure_v2);
  EXPECT_EQ(found.v2, "/sys/fs/cgroup");
}

TEST(Mountinfo, DecodesOctalInMountPoints) {
  const Hierarchies found = parse_mountinfo("1 1 0:1 / /a\\040b\\134c rw - cgroup2 none rw\n");
  EXPECT_EQ(found.v2, "/a b\\c");
}

TEST(Mountinfo, SurvivesNonsense) {
  EXPECT_TRUE(parse_mountinfo("\n - cgroup\n1 - cgroup cgroup\n\\04").v1.empty());
}

TEST(OwnPath, IsTheLineOfHierarchyZero) {
  EXPECT_EQ(parse_own_v2_path("4:memory:/a\n0::/user.slice/b.scope\n"), "/user.slice/b.scope");
  EXPECT_EQ(parse_own_v2_path("0::/\n"), "/");
  EXPECT_EQ(parse_own_v2_path("4:memory:/a\n"), "");
}

TEST(OwnPath, IsNothingOutsideOfTheNamespacesRoot) {
  EXPECT_EQ(parse_own_v2_path("0::/../other\n"), "");
}

TEST(FindHierarchies, ReadsMountinfoWhenNoCgroup2IsWhereItUsuallyIs) {
  const TemporaryTree tree;
  tree.write("mountinfo", kHybrid);
  const auto found = find_hierarchies({tree.path(""), tree.path("mountinfo"), ""});
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->v2, "/sys/fs/cgroup/unified");
  EXPECT_TRUE(found->v1_known);
}

TEST(FindHierarchies, TakesAHostWithoutCgroupsAsItIs) {
  const TemporaryTree tree;
  tree.write("mountinfo", "23 1 254:0 / / rw - ext4 /dev/vda rw\n");
  const auto found = find_hierarchies({tree.path(""), tree.path("mountinfo"), ""});
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_TRUE(found->v2.empty() && found->v1.empty());
}

TEST(FindHierarchies, AgreesWithMountinfoOnThisHost) {
  auto quick = find_hierarchies();
  ASSERT_TRUE(quick) << quick.error().message();
  ASSERT_TRUE(find_v1(*quick));
  const auto text = sys::read_file_at(AT_FDCWD, "/proc/self/mountinfo");
  ASSERT_TRUE(text);
  const Hierarchies all = parse_mountinfo(*text);
  EXPECT_EQ(quick->v2, all.v2);
  EXPECT_EQ(quick->pure_v2, all.pure_v2);
  EXPECT_EQ(quick->v1.size(), all.v1.size());
}

// What was delegated is what can be written; a directory lacking one of the files was not.
TEST(DelegatedPath, IsTheHighestWritableAncestor) {
  const TemporaryTree tree;
  tree.write("own", "0::/slice/service/app/me\n");
  for (const char* cgroup : {"/slice/service", "/slice/service/app", "/slice/service/app/me"}) {
    tree.write(std::string("v2") + cgroup + "/cgroup.procs", "");
    tree.write(std::string("v2") + cgroup + "/cgroup.subtree_control", "");
  }
  const auto path = delegated_path(tree.path("v2"), {"", "", tree.path("own")});
  ASSERT_TRUE(path) << path.error().message();
  EXPECT_EQ(*path, "/slice/service");
}

TEST(DelegatedPath, IsEmptyWhenNothingCanBeWritten) {
  const TemporaryTree tree;
  tree.write("own", "0::/slice/session.scope\n");
  tree.write("v2/slice/session.scope/cgroup.procs", "");
  const auto path = delegated_path(tree.path("v2"), {"", "", tree.path("own")});
  ASSERT_TRUE(path) << path.error().message();
  EXPECT_EQ(*path, "");
}

}  // namespace
}  // namespace mycontainer::runtime::cgroup
