#include <gtest/gtest.h>

#include "runtime/cgroup/builder.h"
#include "tests/unit/cgroup/support.h"

namespace mycontainer::runtime::cgroup {
namespace {

Hierarchies pure_v2() {
  Hierarchies host;
  host.v2 = "/sys/fs/cgroup";
  host.pure_v2 = host.v1_known = true;
  return host;
}

Hierarchies pure_v1() {
  Hierarchies host;
  host.v1_known = true;
  for (const char* name : {"memory", "pids", "freezer", "blkio", "devices"}) {
    host.v1.push_back({{name}, std::string("/sys/fs/cgroup/") + name});
  }
  return host;
}

Hierarchies hybrid() {
  Hierarchies host = pure_v1();
  host.v2 = "/sys/fs/cgroup/unified";
  return host;
}

CgroupRequest asking(const oci::Resources& resources) { return {"c1", "", resources, false}; }

oci::Resources memory_and_pids() {
  oci::Resources resources;
  resources.memory.emplace();
  resources.memory->limit = 1 << 20;
  resources.pids_limit = 5;
  return resources;
}

oci::Resources one_device() {
  oci::Resources resources;
  resources.devices.push_back({.allow = true, .type = "c", .major = 1, .minor = 3, .access = "r"});
  return resources;
}

TEST(Plan, OfNoLimitsUsesV2AloneAndDoesNotLookForV1) {
  Hierarchies host;
  host.v2 = "/sys/fs/cgroup/unified";
  const auto plan = make_plan(asking(one_device()), host, {"", "/nonexistent", ""});
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_FALSE(plan->has_limits());
  EXPECT_TRUE(plan->device_program);
  EXPECT_FALSE(host.v1_known);
}

TEST(Plan, OfUnlimitedLimitsIsThatOfNone) {
  oci::Resources resources;
  resources.pids_limit = -1;
  resources.memory.emplace();
  resources.memory->swap = -1;
  Hierarchies host = pure_v2();
  const auto plan = make_plan(asking(resources), host);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_FALSE(plan->has_limits());
}

TEST(Plan, OnPureV2KeepsEverythingThere) {
  Hierarchies host = pure_v2();
  const auto plan = make_plan(asking(memory_and_pids()), host);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(plan->v2.size(), 2u);
  EXPECT_TRUE(plan->v1.empty());
}

TEST(Plan, OnAHybridHostUsesOnlyTheV1HierarchiesThatWereAskedFor) {
  Hierarchies host = hybrid();
  const auto plan = make_plan(asking(memory_and_pids()), host);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_TRUE(plan->v2.empty());
  ASSERT_EQ(plan->v1.size(), 2u);
  EXPECT_EQ(plan->v1[0].hierarchy->mount_point, "/sys/fs/cgroup/memory");
  EXPECT_EQ(plan->v1[0].settings.front().file, "memory.limit_in_bytes");
  EXPECT_EQ(plan->v1[1].hierarchy->mount_point, "/sys/fs/cgroup/pids");
}

TEST(Plan, OnAHybridHostLeavesToV2WhatV1DoesNotHave) {
  oci::Resources resources;
  resources.hugepage_limits = {{"2MB", 4096}};
  resources.unified = {{"cgroup.max.depth", "2"}};
  Hierarchies host = hybrid();
  const auto plan = make_plan(asking(resources), host);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(plan->v2.size(), 3u);
  EXPECT_TRUE(plan->v1.empty());
}

TEST(Plan, RefusesWhatThisVersionOfCgroupsDoesNotHave) {
  oci::Resources resources;
  resources.memory.emplace();
  resources.memory->swappiness = 5;
  Hierarchies v2_host = pure_v2();
  const auto on_v2 = make_plan(asking(resources), v2_host);
  ASSERT_FALSE(on_v2);
  EXPECT_EQ(on_v2.error().message(), "--memory-swappiness 5: cgroup v2 has no such limit");

  resources = {};
  resources.unified = {{"memory.high", "1"}};
  Hierarchies v1_host = pure_v1();
  const auto on_v1 = make_plan(asking(resources), v1_host);
  ASSERT_FALSE(on_v1);
  EXPECT_EQ(on_v1.error().message(), "unified memory.high 1: cgroup v1 has no such limit");
}

TEST(Plan, NamesTheFlagWhoseControllerIsNotMounted) {
  oci::Resources resources;
  resources.cpu.emplace();
  resources.cpu->cpus = "0";
  Hierarchies host = pure_v1();
  const auto plan = make_plan(asking(resources), host);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().message(),
            "--cpuset-cpus needs the cgroup controller cpuset, which is not mounted");
}

TEST(Plan, KeepsDevicesByV1WhereThereIsNoV2) {
  Hierarchies host = pure_v1();
  const auto plan = make_plan(asking(one_device()), host);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_FALSE(plan->device_program);
  ASSERT_EQ(plan->v1.size(), 1u);
  EXPECT_EQ(plan->v1[0].hierarchy->mount_point, "/sys/fs/cgroup/devices");
}

TEST(Plan, HasNoDeviceRulesForAnOrdinaryUser) {
  Hierarchies host = pure_v2();
  CgroupRequest request = asking(one_device());
  request.rootless = true;
  const auto plan = make_plan(request, host);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_FALSE(plan->device_program);
}

TEST(Tracking, TakesTheFreezerOnAV1HostWhenNothingElseIsUsed) {
  const Hierarchies host = pure_v1();
  Plan plan;
  add_tracking(plan, host);
  ASSERT_EQ(plan.v1.size(), 1u);
  EXPECT_EQ(plan.v1[0].hierarchy->mount_point, "/sys/fs/cgroup/freezer");
}

TEST(Tracking, IsNotNeededWhereV2Is) {
  const Hierarchies host = hybrid();
  Plan plan;
  add_tracking(plan, host);
  EXPECT_FALSE(plan.has_limits());
}

std::string place(const std::string& parent, bool rootless, const HostFiles& files = {}) {
  Hierarchies host;
  host.v2 = files.root;
  const auto found = find_place(parent, rootless, host, files);
  if (!found) return found.error().message();
  return found->exists ? "[" + found->path + "]" : "nowhere";
}

TEST(Place, OfRootIsBelowTheTop) {
  EXPECT_EQ(place("", false), "[/mycontainer]");
  EXPECT_EQ(place("jobs", false), "[/jobs]");
  EXPECT_EQ(place("/a//b/./c/", false), "[/a/b/c]");
  EXPECT_EQ(place("/", false), "[]");
}

TEST(Place, NeverClimbs) {
  EXPECT_EQ(place("/a/../b", false), "--cgroup-parent /a/../b: must not contain \"..\"");
  EXPECT_EQ(place("..", false), "--cgroup-parent ..: must not contain \"..\"");
  EXPECT_EQ(place("a..b", false), "[/a..b]");
}

TEST(Place, OfAnOrdinaryUserIsBelowWhatWasDelegated) {
  const TemporaryTree tree;
  tree.write("own", "0::/user/me\n");
  tree.write("user/me/cgroup.procs", "");
  tree.write("user/me/cgroup.subtree_control", "");
  const HostFiles files{tree.path(""), "", tree.path("own")};
  EXPECT_EQ(place("", true, files), "[/user/me/mycontainer]");
  EXPECT_EQ(place("jobs", true, files), "[/user/me/jobs]");
  EXPECT_EQ(place("/else", true, files), "[/else]");
  tree.write("own", "0::/session\n");
  EXPECT_EQ(place("", true, files), "nowhere");
}

std::string target(const std::string& path, bool rootless = false, const HostFiles& files = {}) {
  Hierarchies host;
  host.v2 = files.root;
  CgroupRequest request;
  request.path = path;
  request.rootless = rootless;
  const auto found = find_target(request, host, files);
  if (!found) return found.error().message();
  return found->parent.exists ? found->parent.path + " + " + found->name : "nowhere";
}

TEST(Target, OfAPathIsThatPath) {
  EXPECT_EQ(target("/a/b/c"), "/a/b + c");
  EXPECT_EQ(target("/kubepods/pod 1:x/ctr"), "/kubepods/pod 1:x + ctr");
  EXPECT_EQ(target("a/b"), "/a + b");
  EXPECT_EQ(target("//a/./b/"), "/a + b");
  EXPECT_EQ(target("/a"), " + a");
}

TEST(Target, NeverClimbsAndAlwaysHasAName) {
  EXPECT_EQ(target("/a/../b"), "linux.cgroupsPath: \"/a/../b\" must not contain \"..\"");
  EXPECT_EQ(target(".."), "linux.cgroupsPath: \"..\" must not contain \"..\"");
  EXPECT_EQ(target("/"), "linux.cgroupsPath: \"/\" names no cgroup");
  EXPECT_EQ(target(std::string("/a\0/b", 5)), "linux.cgroupsPath: holds a NUL byte");
}

TEST(Target, OfAnOrdinaryUsersRelativePathIsBelowWhatWasDelegated) {
  const TemporaryTree tree;
  tree.write("own", "0::/user/me\n");
  tree.write("user/me/cgroup.procs", "");
  tree.write("user/me/cgroup.subtree_control", "");
  const HostFiles files{tree.path(""), "", tree.path("own")};
  EXPECT_EQ(target("a/b", true, files), "/user/me/a + b");
  EXPECT_EQ(target("/a/b", true, files), "/a + b");
  tree.write("own", "0::/session\n");
  EXPECT_EQ(target("a/b", true, files), "nowhere");
}

TEST(Plan, OfEveryHierarchyAddsThoseWithoutALimit) {
  Hierarchies host = hybrid();
  auto plan = make_plan(asking(memory_and_pids()), host);
  ASSERT_TRUE(plan) << plan.error().message();
  ASSERT_TRUE(add_every(*plan, host));
  ASSERT_EQ(plan->v1.size(), host.v1.size());
  EXPECT_FALSE(plan->v1[0].optional);
  EXPECT_TRUE(plan->v1.back().optional);
}

TEST(Plan, LeavesNetworkClassesOutWhereV2CannotKeepThem) {
  oci::Resources resources;
  resources.network.emplace();
  resources.network->class_id = 5;
  resources.network->priorities = {{"eth0", 3}};
  Hierarchies host = pure_v2();
  const auto plan = make_plan(asking(resources), host);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_FALSE(plan->has_limits());
}

TEST(Plan, NamesPropertiesToWhoWroteProperties) {
  CgroupRequest request;
  request.naming = Naming::kProperties;
  request.resources.memory.emplace();
  request.resources.memory->swappiness = 5;
  Hierarchies host = pure_v2();
  const auto plan = make_plan(request, host);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().message(),
            "linux.resources.memory.swappiness 5: cgroup v2 has no such limit");
}

TEST(Id, IsANameAndNoPath) {
  EXPECT_TRUE(check_id("web-1_a.b"));
  for (const std::string id : {"", ".", "..", "-a", "a/b", "a b", "a\n"}) {
    EXPECT_FALSE(check_id(id)) << id;
  }
  EXPECT_FALSE(check_id(std::string(256, 'a')));
}

}  // namespace
}  // namespace mycontainer::runtime::cgroup
