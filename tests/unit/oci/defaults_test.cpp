#include "runtime/oci/defaults.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mycontainer::runtime::oci {
namespace {

TEST(Defaults, ListMountsParentFirst) {
  const std::vector<Mount> mounts = default_mounts();
  for (std::size_t i = 0; i < mounts.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      EXPECT_FALSE(mounts[k].destination.starts_with(mounts[i].destination + "/"))
          << mounts[k].destination << " is mounted before " << mounts[i].destination;
}

TEST(Defaults, MountNothingWritableOfTheHost) {
  for (const Mount& mount : default_mounts()) {
    const auto& options = mount.options;
    const bool is_host_wide = mount.type == "sysfs" || mount.type == "cgroup";
    EXPECT_EQ(std::count(options.begin(), options.end(), "ro"), is_host_wide ? 1 : 0)
        << mount.destination;
    EXPECT_EQ(std::count(options.begin(), options.end(), "nosuid"), 1) << mount.destination;
  }
}

TEST(Defaults, DenyEveryDeviceBeforeAllowingSome) {
  const std::vector<DeviceRule> rules = default_device_rules();
  ASSERT_FALSE(rules.empty());
  EXPECT_FALSE(rules[0].allow);
  EXPECT_EQ(rules[0].access, "rwm");
  EXPECT_FALSE(rules[0].major.has_value());
  const auto allowed_to_all = [](const DeviceRule& rule) {
    return rule.allow && !rule.major && rule.access != "m";
  };
  EXPECT_TRUE(std::none_of(rules.begin(), rules.end(), allowed_to_all));
}

TEST(Defaults, AllowTheDevicesTheyMake) {
  const std::vector<DeviceRule> rules = default_device_rules();
  for (const DefaultDevice& device : kDefaultDevices)
    EXPECT_TRUE(std::any_of(rules.begin(), rules.end(), [&](const DeviceRule& rule) {
      return rule.allow && rule.type == "c" && rule.major == device.major &&
             rule.minor == device.minor && rule.access == "rwm";
    })) << device.path;
}

}  // namespace
}  // namespace mycontainer::runtime::oci
