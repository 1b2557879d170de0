#include "runtime/launch/host_check.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "runtime/security/selinux.h"

namespace mycontainer::runtime::launch {
namespace {

TEST(CheckHost, AsksNothingOfTheMachineForAnOrdinaryConfiguration) {
  oci::Spec spec;
  spec.process.emplace();
  EXPECT_TRUE(check_host(spec));
}

TEST(CheckHost, RefusesLabelsWithoutSelinux) {
  if (security::selinux_enabled()) GTEST_SKIP() << "this machine has SELinux";
  oci::Spec spec;
  spec.linux_config.mount_label = "system_u:object_r:container_file_t:s0:c1,c2";
  EXPECT_EQ(check_host(spec).error().message(),
            "linux.mountLabel: this machine has no SELinux, or it is disabled");
  spec.process.emplace().selinux_label = "system_u:system_r:container_t:s0:c1,c2";
  EXPECT_EQ(check_host(spec).error().message(),
            "process.selinuxLabel: this machine has no SELinux, or it is disabled");
}

TEST(CheckHost, RefusesResourceDirectorWithoutItsFilesystem) {
  if (std::filesystem::exists("/sys/fs/resctrl/schemata")) GTEST_SKIP() << "this machine has it";
  oci::Spec spec;
  spec.linux_config.intel_rdt.emplace();
  EXPECT_EQ(check_host(spec).error().message(),
            "linux.intelRdt: this machine has no resctrl filesystem mounted");
}

}  // namespace
}  // namespace mycontainer::runtime::launch
