#include "runtime/cgroup/record.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::cgroup {
namespace {

CgroupRecord hybrid() {
  CgroupRecord record;
  record.places = {{"/sys/fs/cgroup/unified", "/a/c1", {}, true},
                   {"/sys/fs/cgroup/cpu,cpuacct", "/a/c1", {"cpu", "cpuacct"}, false},
                   {"/sys/fs/cgroup/blkio", "/a/c1", {"blkio"}, false},
                   {"/sys/fs/cgroup/systemd", "/a/c1", {"name=systemd"}, false}};
  return record;
}

TEST(Record, FindsTheHierarchyOfAController) {
  EXPECT_EQ(path_of(hybrid(), "cpuacct"), "/sys/fs/cgroup/cpu,cpuacct/a/c1");
  EXPECT_EQ(path_of(hybrid(), "io"), "/sys/fs/cgroup/blkio/a/c1");
  EXPECT_EQ(path_of(hybrid(), "memory"), "/sys/fs/cgroup/unified/a/c1");
  EXPECT_EQ(path_of(hybrid(), ""), "/sys/fs/cgroup/unified/a/c1");
  EXPECT_EQ(path_of({}, "memory"), "");
}

TEST(Record, ListsPathsByController) {
  const auto paths = paths_of(hybrid());
  ASSERT_EQ(paths.size(), 5u);
  EXPECT_EQ(paths[0].first, "");
  EXPECT_EQ(paths[2].first, "cpuacct");
  EXPECT_EQ(paths[4].second, "/sys/fs/cgroup/systemd/a/c1");
}

}  // namespace
}  // namespace mycontainer::runtime::cgroup
