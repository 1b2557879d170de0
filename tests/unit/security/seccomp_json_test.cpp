#include "runtime/security/seccomp_json.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::security {
namespace {

const SeccompContext kContext{kDefaultCapabilities, "amd64", {5, 10}};

std::string error_of(std::string_view json) {
  const auto profile = parse_seccomp_profile(json, kContext);
  return profile ? "no error" : profile.error().message();
}

// A profile whose one rule has these further members.
std::string with_rule(const std::string& members) {
  return R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],)"
         R"("action":"SCMP_ACT_ALLOW")" +
         (members.empty() ? "" : "," + members) + "}]}";
}

bool rule_is_kept(const std::string& members) {
  const auto profile = parse_seccomp_profile(with_rule(members), kContext);
  EXPECT_TRUE(profile) << profile.error().message();
  return profile && profile->syscalls.size() == 1;
}

TEST(SeccompJson, ReadsDockersForm) {
  const auto profile = parse_seccomp_profile(R"({
    "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "comment": "ignored",
    "archMap": [{"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
                {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
    "syscalls": [
      {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW", "args": null, "includes": {}},
      {"name": "clone", "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "args": [
        {"index": 1, "value": 18446744073709551615, "valueTwo": 3, "op": "SCMP_CMP_MASKED_EQ"}]}
    ]})",
                                             kContext);
  ASSERT_TRUE(profile) << profile.error().message();
  EXPECT_EQ(profile->default_action, "SCMP_ACT_ERRNO");
  EXPECT_EQ(profile->default_errno_ret, 38u);
  EXPECT_EQ(profile->architectures,
            (std::vector<std::string>{"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"}));
  ASSERT_EQ(profile->syscalls.size(), 2u);
  EXPECT_EQ(profile->syscalls[0].names, (std::vector<std::string>{"read", "write"}));
  EXPECT_EQ(profile->syscalls[1].names, (std::vector<std::string>{"clone"}));
  EXPECT_EQ(profile->syscalls[1].errno_ret, 1u);
  ASSERT_EQ(profile->syscalls[1].args.size(), 1u);
  EXPECT_EQ(profile->syscalls[1].args[0].index, 1u);
  EXPECT_EQ(profile->syscalls[1].args[0].value, ~std::uint64_t{0});
  EXPECT_EQ(profile->syscalls[1].args[0].value_two, 3u);
}

TEST(SeccompJson, ReadsTheOciForm) {
  const auto profile = parse_seccomp_profile(R"({"defaultAction": "SCMP_ACT_ALLOW",
    "architectures": ["SCMP_ARCH_X86"], "flags": ["SECCOMP_FILTER_FLAG_LOG"],
    "listenerPath": "/run/l", "listenerMetadata": "m"})",
                                             kContext);
  ASSERT_TRUE(profile) << profile.error().message();
  EXPECT_EQ(profile->architectures, (std::vector<std::string>{"SCMP_ARCH_X86"}));
  EXPECT_EQ(profile->flags, (std::vector<std::string>{"SECCOMP_FILTER_FLAG_LOG"}));
  EXPECT_EQ(profile->listener_path, "/run/l");
  EXPECT_EQ(profile->listener_metadata, "m");
}

TEST(SeccompJson, TakesErrorsByName) {
  const auto profile = parse_seccomp_profile(
      R"({"defaultAction":"SCMP_ACT_ERRNO","defaultErrno":"ENOSYS","defaultErrnoRet":1})",
      kContext);
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->default_errno_ret, 38u);
}

TEST(SeccompJson, AppliesRulesWhereTheyAreMeantFor) {
  EXPECT_TRUE(rule_is_kept(R"("includes":{"caps":["CAP_CHOWN"]})"));
  EXPECT_FALSE(rule_is_kept(R"("includes":{"caps":["CAP_CHOWN","CAP_SYS_ADMIN"]})"));
  EXPECT_FALSE(rule_is_kept(R"("excludes":{"caps":["CAP_CHOWN","CAP_SYS_ADMIN"]})"));
  EXPECT_TRUE(rule_is_kept(R"("excludes":{"caps":["CAP_SYS_ADMIN"]})"));
  EXPECT_TRUE(rule_is_kept(R"("includes":{"arches":["x86","amd64"]})"));
  EXPECT_FALSE(rule_is_kept(R"("includes":{"arches":["arm64"]})"));
  EXPECT_FALSE(rule_is_kept(R"("excludes":{"arches":["amd64"]})"));
  EXPECT_TRUE(rule_is_kept(R"("includes":{"minKernel":"5.10"})"));
  EXPECT_FALSE(rule_is_kept(R"("includes":{"minKernel":"5.11"})"));
  EXPECT_FALSE(rule_is_kept(R"("excludes":{"minKernel":"4.8"})"));
  EXPECT_TRUE(rule_is_kept(R"("excludes":{"minKernel":"6.0"})"));
}

TEST(SeccompJson, SaysWhereTheMistakeIs) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "profile: is not JSON"},
      {"{", "profile: is not JSON"},
      {"[]", "profile: must be an object"},
      {"null", "profile: must be an object"},
      {"{}", "defaultAction: is missing"},
      {R"({"defaultAction":7})", "defaultAction: must be a string"},
      {R"({"defaultAction":"NOPE"})", "defaultAction: unknown action NOPE"},
      {R"({"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":4096})",
       "defaultErrnoRet: must be at most 4095"},
      {R"({"defaultAction":"SCMP_ACT_ERRNO","defaultErrno":"EWHAT"})",
       "defaultErrno: unknown errno EWHAT"},
      {R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":{}})", "syscalls: must be a list"},
      {R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[1]})", "syscalls[0]: must be an object"},
      {R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{}]})",
       "syscalls[0].names: is missing or empty"},
      {R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a",""],"action":"x"}]})",
       "syscalls[0].names[1]: is missing"},
      {R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a"]}]})",
       "syscalls[0].action: is missing"},
      {R"({"defaultAction":"SCMP_ACT_ALLOW","archMap":[{"architecture":"A"}],)"
       R"("architectures":["B"]})",
       "archMap: is given beside architectures"},
      {R"({"defaultAction":"SCMP_ACT_ALLOW","archMap":[{}]})",
       "archMap[0].architecture: is missing"},
      {with_rule(R"("name":"x")"), "syscalls[0]: has both name and names"},
      {with_rule(R"("errnoRet":1)"), "syscalls[0].action: SCMP_ACT_ALLOW does not take an errno"},
      {with_rule(R"("errnoRet":-1)"),
       "syscalls[0].errnoRet: must be a whole number, not below 0 and of at most 64 bits"},
      {with_rule(R"("args":[{"index":6,"op":"SCMP_CMP_EQ"}])"),
       "syscalls[0].args[0].index: must be at most 5"},
      {with_rule(R"("args":[{"index":0,"value":1.5,"op":"SCMP_CMP_EQ"}])"),
       "syscalls[0].args[0].value: must be a whole number, not below 0 and of at most 64 bits"},
      {with_rule(R"("args":[{"index":0,"value":1,"op":"EQ"}])"),
       "syscalls[0].args[0].op: unknown operator EQ"},
      {with_rule(R"("args":[{"index":0,"value":1}])"), "syscalls[0].args[0].op: is missing"},
      {with_rule(R"("includes":{"caps":["CAP_NOPE"]})"),
       "syscalls[0].includes.caps: unknown capability CAP_NOPE"},
      {with_rule(R"("excludes":{"minKernel":"new"})"),
       "syscalls[0].excludes.minKernel: \"new\" is not a kernel version"},
      {with_rule(R"("includes":[])"), "syscalls[0].includes: must be an object"},
  };
  for (const auto& [json, message] : cases) EXPECT_EQ(error_of(json), message) << json;
}

}  // namespace
}  // namespace mycontainer::runtime::security
