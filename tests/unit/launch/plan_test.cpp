#include "runtime/launch/plan.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>

namespace mycontainer::runtime::launch {
namespace {

oci::Spec minimal() {
  oci::Spec spec;
  spec.root.path = "/srv/root";
  spec.process.emplace();
  spec.process->args = {"/bin/true"};
  spec.linux_config.namespaces = {{"pid", ""}, {"mount", ""}, {"cgroup", ""}};
  return spec;
}

TEST(PlanLaunch, MakesCloneFlagsButLeavesTheCgroupNamespaceToTheChild) {
  const auto plan = plan_launch(minimal(), {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->new_namespaces, std::uint64_t{CLONE_NEWPID | CLONE_NEWNS});
  EXPECT_TRUE(plan->init.cgroup_namespace);
  EXPECT_FALSE(plan->init.loopback);
}

TEST(PlanLaunch, BringsLoopbackUpOnlyInANetworkNamespaceOfItsOwn) {
  oci::Spec spec = minimal();
  spec.linux_config.namespaces.push_back({"network", ""});
  EXPECT_TRUE(plan_launch(spec, {})->init.loopback);
  spec.linux_config.namespaces.back().path = "/proc/1/ns/net";
  const auto joined = plan_launch(spec, {});
  EXPECT_FALSE(joined->init.loopback);
  ASSERT_EQ(joined->joined.size(), 1U);
  EXPECT_EQ(joined->joined[0].path, "/proc/1/ns/net");
}

TEST(PlanLaunch, TakesAnOverlayOnSlashAsTheRoot) {
  oci::Spec spec = minimal();
  spec.mounts = {{"/", "overlay", "overlay", {"lowerdir+=/l", "upperdir=/u", "workdir=/w"}, {}, {}},
                 {"/proc", "proc", "proc", {}, {}, {}}};
  const auto plan = plan_launch(spec, {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->init.root.kind, init::RootPlan::Kind::kOverlay);
  EXPECT_EQ(plan->init.root.overlay.upper, "/u");
  ASSERT_EQ(plan->init.mounts.size(), 1U);
  EXPECT_EQ(plan->init.mounts[0].mount.destination, "/proc");
}

TEST(PlanLaunch, BindsTheRootWhenThereIsNoOverlay) {
  const auto plan = plan_launch(minimal(), {});
  EXPECT_EQ(plan->init.root.kind, init::RootPlan::Kind::kBind);
  EXPECT_EQ(plan->init.root.directory, "/srv/root");
}

TEST(PlanLaunch, ReplacesACgroupMountByWhatThisHostHas) {
  oci::Spec spec = minimal();
  spec.mounts = {{"/sys/fs/cgroup", "cgroup", "cgroup", {"ro"}, {}, {}}};
  LaunchFacts facts;
  facts.cgroup_mounts = {{"/sys/fs/cgroup", "tmpfs", "tmpfs", {}, {}, {}},
                         {"/sys/fs/cgroup/unified", "cgroup2", "cgroup", {"ro"}, {}, {}}};
  const auto plan = plan_launch(spec, facts);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->init.mounts.size(), 2U);
  EXPECT_EQ(plan->init.mounts[1].mount.type, "cgroup2");
}

TEST(PlanLaunch, MakesDeviceNodesAndBindsThemInAUserNamespace) {
  oci::Spec spec = minimal();
  spec.linux_config.devices = {{"c", "/dev/fuse", 10, 229, 0666, 0, 0}};
  const auto made = plan_launch(spec, {});
  ASSERT_EQ(made->init.devices.size(), 7U);
  EXPECT_EQ(made->init.devices[6].path, "/dev/fuse");
  EXPECT_FALSE(made->init.devices[6].bind);
  spec.linux_config.namespaces.push_back({"user", ""});
  const auto bound = plan_launch(spec, {});
  EXPECT_TRUE(bound->init.devices[0].bind);
  EXPECT_TRUE(bound->parent_prepares);
}

TEST(PlanLaunch, NamesWhatItCannotRead) {
  oci::Spec spec = minimal();
  spec.process->rlimits = {{"RLIMIT_FOO", 1, 1}};
  EXPECT_EQ(plan_launch(spec, {}).error().message(),
            "process.rlimits: unknown type \"RLIMIT_FOO\"");
  spec.process->rlimits = {{"RLIMIT_NOFILE", 2048, 1024}};
  const auto plan = plan_launch(spec, {});
  ASSERT_EQ(plan->init.rlimits.size(), 1U);
  EXPECT_EQ(plan->init.rlimits[0].resource, RLIMIT_NOFILE);
  EXPECT_EQ(plan->init.rlimits[0].soft, 1024U);
}

}  // namespace
}  // namespace mycontainer::runtime::launch
