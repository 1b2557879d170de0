#include "runtime/features/features.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "rootfs/mount/plan.h"
#include "runtime/oci/json.h"
#include "runtime/oci/validate.h"
#include "runtime/security/capabilities.h"
#include "runtime/security/seccomp_compile.h"

namespace mycontainer::runtime::features {
namespace {

using Json = nlohmann::ordered_json;

Json features() { return Json::parse(document("1.2.3", "abc")); }

// A configuration that is valid, to be changed.
Json config() {
  return {{"ociVersion", "1.0.0"},
          {"root", {{"path", "rootfs"}}},
          {"process", {{"cwd", "/"}, {"args", {"sh"}}}},
          {"linux", {{"namespaces", {{{"type", "mount"}}}}}}};
}

std::string verdict(const Json& document) {
  const auto spec = oci::from_json(document.dump());
  if (!spec) return spec.error().message();
  const auto valid = oci::validate(*spec);
  return valid ? "valid" : valid.error().message();
}

TEST(Features, AreOfVersionsThatAreAccepted) {
  for (const char* key : {"ociVersionMin", "ociVersionMax"}) {
    Json document = config();
    document["ociVersion"] = features()[key];
    EXPECT_EQ(verdict(document), "valid") << key;
  }
  EXPECT_EQ(features()["annotations"]["mycontainer.version"], "1.2.3");
}

TEST(Features, HaveHooksThatAreRead) {
  ASSERT_EQ(features()["hooks"].size(), 6u);
  for (const Json& name : features()["hooks"]) {
    Json document = config();
    document["hooks"][name.get<std::string>()] = {{{"path", "relative"}}};
    EXPECT_EQ(verdict(document), "hooks." + name.get<std::string>() +
                                     "[0].path: \"relative\" is not an absolute path");
  }
}

TEST(Features, HaveMountOptionsThatNoFilesystemHasToKnow) {
  const Json options = features()["mountOptions"];
  ASSERT_GT(options.size(), 50u);
  const std::vector<std::string> of_the_kernel = {"async", "dirsync",    "lazytime", "mand",
                                                  "sync",  "nolazytime", "nomand"};
  for (const auto& option : options.get<std::vector<std::string>>()) {
    const auto plan = rootfs::mount::plan_mount("/x", "tmpfs", "source", {option});
    ASSERT_TRUE(plan) << option << ": " << plan.error().message();
    const bool is_the_kernels =
        std::find(of_the_kernel.begin(), of_the_kernel.end(), option) != of_the_kernel.end();
    EXPECT_EQ(plan->data.empty(), !is_the_kernels) << option;
  }
  EXPECT_TRUE(std::is_sorted(options.begin(), options.end()));
}

TEST(Features, HaveNamespacesAndCapabilitiesThatAreKnown) {
  const Json linux_part = features()["linux"];
  ASSERT_EQ(linux_part["namespaces"].size(), 8u);
  for (const Json& name : linux_part["namespaces"]) {
    Json document = config();
    document["linux"]["namespaces"] = {{{"type", name}, {"path", "/proc/1/ns/x"}}};
    EXPECT_EQ(verdict(document), "valid") << name;
  }
  ASSERT_EQ(linux_part["capabilities"].size(), 41u);
  for (const Json& name : linux_part["capabilities"])
    EXPECT_TRUE(security::capability_number(name.get<std::string>())) << name;
}

TEST(Features, HaveSeccompWordsThatAreKnown) {
  const Json words = features()["linux"]["seccomp"];
  Json profile = {{"defaultAction", "SCMP_ACT_ALLOW"}, {"listenerPath", "/run/agent"}};
  for (const Json& action : words["actions"])
    profile["syscalls"].push_back({{"names", {"read"}}, {"action", action}});
  for (const Json& op : words["operators"])
    profile["syscalls"].push_back({{"names", {"write"}},
                                   {"action", "SCMP_ACT_LOG"},
                                   {"args", {{{"index", 0}, {"value", 1}, {"op", op}}}}});
  profile["architectures"] = words["archs"];
  profile["flags"] = words["knownFlags"];
  ASSERT_GE(profile["syscalls"].size(), 16u);
  Json document = config();
  document["linux"]["seccomp"] = profile;
  EXPECT_EQ(verdict(document), "valid");
  const auto seccomp = oci::from_json(document.dump())->linux_config.seccomp;
  EXPECT_TRUE(security::compile_seccomp(*seccomp));
  EXPECT_TRUE(security::seccomp_flags(*seccomp));
}

TEST(Features, HaveMemoryPoliciesThatAreKnown) {
  const Json words = features()["linux"]["memoryPolicy"];
  for (const Json& mode : words["modes"]) {
    const bool without_nodes = mode == "MPOL_DEFAULT" || mode == "MPOL_LOCAL";
    Json document = config();
    document["linux"]["memoryPolicy"] = {
        {"mode", mode}, {"nodes", without_nodes ? "" : "0"}, {"flags", Json::array()}};
    EXPECT_EQ(verdict(document), "valid") << mode;
  }
}

}  // namespace
}  // namespace mycontainer::runtime::features
