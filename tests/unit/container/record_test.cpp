#include "runtime/container/record.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::container {
namespace {

TEST(Record, ComesBackFromItsJson) {
  Record record;
  record.oci_version = "1.2.0";
  record.id = "c1";
  record.bundle = "/bundles/c1";
  record.rootfs = "/bundles/c1/rootfs";
  record.created = "2026-11-20T12:00:00.000000001Z";
  record.pid = 4711;
  record.start_time = 123456789012345;
  record.owner = 1000;
  record.rootless = true;
  record.cgroup.places = {{"/sys/fs/cgroup/memory", "/a/c1", {"memory"}, false},
                          {"/sys/fs/cgroup/unified", "/a/c1", {}, true}};
  record.cgroup.unit = "libpod-c1.scope";
  record.cgroup.user_bus = true;
  record.intel_rdt_group = "/sys/fs/resctrl/c1";
  record.annotations = {{"a", "b"}};
  const auto read = from_json(to_json(record));
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json(*read), to_json(record));
  EXPECT_EQ(read->pid, 4711);
  EXPECT_EQ(read->cgroup.places.size(), 2U);
  EXPECT_EQ(read->cgroup.places[0].controllers, std::vector<std::string>{"memory"});
}

TEST(Record, IsNotMadeOfATornOrForeignText) {
  const Record record{.id = "c1", .pid = 1};
  const std::string whole = to_json(record);
  EXPECT_FALSE(from_json(whole.substr(0, whole.size() / 2)));
  EXPECT_FALSE(from_json("[]"));
  EXPECT_FALSE(from_json("{}"));
  EXPECT_FALSE(from_json(R"({"id": "c1", "pid": -1})"));
  EXPECT_FALSE(from_json(R"({"id": "c1", "pid": "7"})"));
  EXPECT_FALSE(from_json(R"({"id": "c1"})"));
}

TEST(Record, PassesOverMembersOfAnotherType) {
  const auto read =
      from_json(R"({"id": "c1", "pid": 7, "bundle": 3, "cgroup": [], "annotations": {"a": 1}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->bundle, "");
  EXPECT_TRUE(read->annotations.empty());
}

}  // namespace
}  // namespace mycontainer::runtime::container
