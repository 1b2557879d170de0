#include "runtime/launch/plan.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>

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
