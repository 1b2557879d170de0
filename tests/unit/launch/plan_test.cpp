#include "runtime/launch/plan.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace mycontainer::runtime::launch {
namespace {

Result<init::InitPlan> planned(const oci::Spec& spec, const InitFacts& facts = {}) {
  TRY(const StartPlan start, plan_start(spec));
  return plan_init(spec, start, facts);
}

oci::Spec minimal() {
  oci::Spec spec;
  spec.root.path = "/srv/root";
  spec.process.emplace();
  spec.process->args = {"/bin/true"};
  spec.linux_config.namespaces = {{"pid", ""}, {"mount", ""}, {"cgroup", ""}};
  return spec;
}

TEST(Plan, MakesCloneFlagsButLeavesTheCgroupNamespaceToTheChild) {
  const auto start = plan_start(minimal());
  ASSERT_TRUE(start);
  EXPECT_EQ(start->new_namespaces, std::uint64_t{CLONE_NEWPID | CLONE_NEWNS});
  const auto plan = planned(minimal());
  EXPECT_TRUE(plan->cgroup_namespace);
  EXPECT_FALSE(plan->loopback);
}

TEST(Plan, BringsLoopbackUpOnlyInANetworkNamespaceOfItsOwn) {
  oci::Spec spec = minimal();
  spec.linux_config.namespaces.push_back({"network", ""});
  EXPECT_TRUE(planned(spec)->loopback);
  spec.linux_config.namespaces.back().path = "/proc/1/ns/net";
  EXPECT_FALSE(planned(spec)->loopback);
  const auto joined = plan_start(spec);
  ASSERT_EQ(joined->joined.size(), 1U);
  EXPECT_EQ(joined->joined[0].path, "/proc/1/ns/net");
}

TEST(Plan, TakesAnOverlayOnSlashAsTheRoot) {
  oci::Spec spec = minimal();
  spec.mounts = {{"/", "overlay", "overlay", {"lowerdir+=/l", "upperdir=/u", "workdir=/w"}, {}, {}},
                 {"/proc", "proc", "proc", {}, {}, {}}};
  const auto plan = planned(spec);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->root.kind, init::RootPlan::Kind::kOverlay);
  EXPECT_EQ(plan->root.overlay.upper, "/u");
  ASSERT_EQ(plan->mounts.size(), 1U);
  EXPECT_EQ(plan->mounts[0].mount.destination, "/proc");
}

TEST(Plan, BindsTheRootWhenThereIsNoOverlay) {
  const auto plan = planned(minimal());
  EXPECT_EQ(plan->root.kind, init::RootPlan::Kind::kBind);
  EXPECT_EQ(plan->root.directory, "/srv/root");
}

TEST(Plan, ReplacesACgroupMountByWhatThisHostHas) {
  oci::Spec spec = minimal();
  spec.mounts = {{"/sys/fs/cgroup", "cgroup", "cgroup", {"ro"}, {}, {}}};
  InitFacts facts;
  facts.cgroup_mounts = {{"/sys/fs/cgroup", "tmpfs", "tmpfs", {}, {}, {}},
                         {"/sys/fs/cgroup/unified", "cgroup2", "cgroup", {"ro"}, {}, {}}};
  const auto plan = planned(spec, facts);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->mounts.size(), 2U);
  EXPECT_EQ(plan->mounts[1].mount.type, "cgroup2");
}

TEST(Plan, PutsTheCgroupMountsWhereTheConfigurationWantsThem) {
  oci::Spec spec = minimal();
  spec.mounts = {{"/cg", "cgroup", "cgroup", {}, {}, {}}};
  InitFacts facts;
  facts.cgroup_mounts = {{"/sys/fs/cgroup", "tmpfs", "tmpfs", {}, {}, {}},
                         {"/sys/fs/cgroup/unified", "cgroup2", "cgroup", {"ro"}, {}, {}}};
  const auto plan = planned(spec, facts);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->mounts[0].mount.destination, "/cg");
  EXPECT_EQ(plan->mounts[1].mount.destination, "/cg/unified");
  EXPECT_EQ(plan->mounts[1].mount.attr_set, 0u);
}

TEST(Plan, LabelsNewFilesystemsButNotTheKernelsOwn) {
  oci::Spec spec = minimal();
  spec.linux_config.mount_label = "u:r:t:s0:c1,c2";
  spec.mounts = {{"/proc", "proc", "proc", {}, {}, {}},
                 {"/tmp", "tmpfs", "tmpfs", {"size=1m"}, {}, {}},
                 {"/data", "bind", "/data", {}, {}, {}}};
  const auto plan = planned(spec);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->mounts[0].mount.data.empty());
  EXPECT_EQ(plan->mounts[1].mount.data,
            (std::vector<std::string>{"size=1m", "context=u:r:t:s0:c1,c2"}));
  EXPECT_TRUE(plan->mounts[2].mount.data.empty());
}

TEST(Plan, MapsTheIdsOfAMountThatHasMappings) {
  oci::Spec spec = minimal();
  spec.mounts = {{"/data", "bind", "/data", {"rbind"}, {{0, 1000, 2}}, {{0, 2000, 1}}}};
  const auto plan = planned(spec);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->mounts[0].mount.idmap);
  EXPECT_FALSE(plan->mounts[0].mount.idmap_recursive);
  ASSERT_EQ(plan->mounts[0].uid_map.size(), 1u);
  EXPECT_EQ(plan->mounts[0].uid_map[0].outside, 1000u);
  EXPECT_EQ(plan->mounts[0].gid_map[0].outside, 2000u);
}

TEST(Plan, TakesOnlyThePermissionsOfAFileModeAndMakesFifosEverywhere) {
  oci::Spec spec = minimal();
  spec.linux_config.namespaces.push_back({"user", "/proc/1/ns/user"});
  spec.linux_config.devices = {{"c", "/dev/fuse", 10, 229, 020660, 0, 0},
                               {"p", "/dev/fifo", -1, -1, 0600, 0, 0}};
  const auto plan = planned(spec);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->devices[6].mode, std::uint32_t{S_IFCHR | 0660});
  EXPECT_TRUE(plan->devices[6].bind);
  EXPECT_EQ(plan->devices[7].mode, std::uint32_t{S_IFIFO | 0600});
  EXPECT_EQ(plan->devices[7].major, 0u);
  EXPECT_FALSE(plan->devices[7].bind);
}

TEST(Plan, MakesDeviceNodesAndBindsThemInAUserNamespace) {
  oci::Spec spec = minimal();
  spec.linux_config.devices = {{"c", "/dev/fuse", 10, 229, 0666, 0, 0}};
  const auto made = planned(spec);
  ASSERT_EQ(made->devices.size(), 7U);
  EXPECT_EQ(made->devices[6].path, "/dev/fuse");
  EXPECT_FALSE(made->devices[6].bind);
  spec.linux_config.namespaces.push_back({"user", ""});
  const auto bound = planned(spec);
  EXPECT_TRUE(bound->devices[0].bind);
}

TEST(Plan, NamesWhatItCannotRead) {
  oci::Spec spec = minimal();
  spec.process->rlimits = {{"RLIMIT_FOO", 1, 1}};
  EXPECT_EQ(planned(spec).error().message(), "process.rlimits: unknown type \"RLIMIT_FOO\"");
  spec.process->rlimits = {{"RLIMIT_NOFILE", 2048, 1024}};
  const auto plan = planned(spec);
  ASSERT_EQ(plan->rlimits.size(), 1U);
  EXPECT_EQ(plan->rlimits[0].resource, RLIMIT_NOFILE);
  EXPECT_EQ(plan->rlimits[0].soft, 1024U);
}

}  // namespace
}  // namespace mycontainer::runtime::launch
