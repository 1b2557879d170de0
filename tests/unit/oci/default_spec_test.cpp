#include "runtime/oci/default_spec.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "runtime/oci/json.h"
#include "runtime/oci/validate.h"

namespace mycontainer::runtime::oci {
namespace {

const Mount& mount_on(const Spec& spec, const std::string& destination) {
  return *std::find_if(spec.mounts.begin(), spec.mounts.end(),
                       [&](const Mount& mount) { return mount.destination == destination; });
}

bool has_namespace_of(const Spec& spec, const std::string& type) {
  return std::any_of(spec.linux_config.namespaces.begin(), spec.linux_config.namespaces.end(),
                     [&](const Namespace& ns) { return ns.type == type; });
}

TEST(DefaultSpec, IsValidAndSurvivesItsOwnJson) {
  for (const bool rootless : {false, true}) {
    const std::string text = to_json(default_spec(rootless));
    const auto again = from_json(text);
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(to_json(*again), text);
    const auto valid = validate(*again);
    EXPECT_TRUE(valid) << valid.error().message();
  }
}

TEST(DefaultSpec, IsAShellWithFewRights) {
  const Spec spec = default_spec(false);
  EXPECT_TRUE(spec.root.readonly);
  EXPECT_TRUE(spec.process->terminal);
  EXPECT_TRUE(spec.process->no_new_privileges);
  EXPECT_EQ(spec.process->args, std::vector<std::string>{"sh"});
  EXPECT_EQ(spec.process->capabilities->bounding.size(), 3u);
  EXPECT_TRUE(spec.process->capabilities->inheritable.empty());
  EXPECT_EQ(spec.linux_config.resources.devices.size(), 1u);
  EXPECT_FALSE(spec.linux_config.resources.devices[0].allow);
  EXPECT_FALSE(has_namespace_of(spec, "user"));
}

TEST(DefaultSpec, IsOneAnOrdinaryUserCanRun) {
  const Spec spec = default_spec(true);
  EXPECT_TRUE(has_namespace_of(spec, "user"));
  EXPECT_FALSE(has_namespace_of(spec, "network"));
  EXPECT_EQ(spec.linux_config.uid_mappings.at(0).host_id, ::geteuid());
  EXPECT_TRUE(spec.linux_config.resources.devices.empty());
  EXPECT_EQ(mount_on(spec, "/sys").source, "/sys");
  const auto& options = mount_on(spec, "/dev/pts").options;
  EXPECT_EQ(std::count(options.begin(), options.end(), "gid=5"), 0);
}

}  // namespace
}  // namespace mycontainer::runtime::oci
