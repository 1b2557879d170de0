// Profiles as clients of an OCI runtime send them: what we make of them is what libseccomp, and so
// runc and crun, make of them.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <sys/syscall.h>

#include <algorithm>

#include "bpf_interpreter.h"
#include "reexec/sys/file.h"
#include "runtime/oci/json.h"
#include "runtime/oci/seccomp_names.h"
#include "runtime/oci/validate.h"
#include "runtime/security/seccomp_compile.h"
#include "runtime/security/seccomp_json.h"
#include "runtime/security/seccomp_policy.h"
#include "runtime/security/seccomp_syscalls.h"

namespace mycontainer::runtime::security {
namespace {

// The profile after its way through a config.json.
oci::Seccomp through_config(const oci::Seccomp& seccomp) {
  oci::Spec spec;
  spec.root.path = "/";
  spec.linux_config.seccomp = seccomp;
  auto again = oci::from_json(oci::to_json(spec));
  EXPECT_TRUE(again) << again.error().message();
  const auto valid = oci::validate(*again);
  EXPECT_TRUE(valid) << valid.error().message();
  return again->linux_config.seccomp.value();
}

void expect_libseccomps_answers(oci::Seccomp seccomp) {
  for (oci::SeccompRule& rule : seccomp.syscalls)
    std::erase_if(rule.names, [](const std::string& name) { return !libseccomp_knows(name); });
  const std::string ours = compile_seccomp(seccomp).value();
  const std::string theirs = libseccomp_program(seccomp, 1);
  int found = 0;
  for (const CallNumber& number : all_x86_calls()) {
    for (seccomp_data call : sample_arguments()) {
      // As in seccomp_compile_test.cpp: libseccomp does not look at x32's upper halves.
      const bool narrow = number.audit != AUDIT_ARCH_X86_64 || (number.number & kX32Bit) != 0;
      if (narrow && (call.args[0] | call.args[2]) >> 32 != 0) continue;
      call.arch = number.audit;
      call.nr = static_cast<int>(number.number);
      const std::uint32_t mine = interpret(ours, call), other = interpret(theirs, call);
      // runc's answer to calls that the profile is too old for.
      if (mine == (SECCOMP_RET_ERRNO | ENOSYS) && (number.number & ~kX32Bit) >= 424) continue;
      if (mine != other && ++found <= 10)
        ADD_FAILURE() << describe(number) << " with " << call.args[0] << ", " << call.args[2]
                      << ": " << std::hex << mine << ", libseccomp " << other;
    }
  }
  EXPECT_EQ(found, 0);
}

class PodmansProfile : public testing::TestWithParam<CapabilityMask> {};

TEST_P(PodmansProfile, IsAnsweredAsByLibseccomp) {
  const char* const path = "/usr/share/containers/seccomp.json";
  const auto json = sys::read_file_at(AT_FDCWD, path);
  if (!json) GTEST_SKIP() << path << " is missing (golang-github-containers-common)";
  const auto seccomp = parse_seccomp_profile(*json, {GetParam(), "amd64", {6, 1}});
  ASSERT_TRUE(seccomp) << seccomp.error().message();
  ASSERT_GT(seccomp->syscalls.size(), 10u);
  expect_libseccomps_answers(through_config(*seccomp));
}

INSTANTIATE_TEST_SUITE_P(Capabilities, PodmansProfile,
                         testing::Values(CapabilityMask{0}, kDefaultCapabilities,
                                         kAllCapabilities));

// The shape of containerd's and Docker's: EPERM for the rest, one long list, personality by value,
// clone by mask, sockets of one family, a later list that allows a call of the first one again.
TEST(ClientProfile, OfContainerdsShapeIsAnsweredAsByLibseccomp) {
  oci::Seccomp seccomp;
  seccomp.default_action = "SCMP_ACT_ERRNO";
  seccomp.default_errno_ret = 1;
  seccomp.architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
  const auto allow = [&](std::vector<std::string> names, std::vector<oci::SeccompArg> args = {}) {
    seccomp.syscalls.push_back({std::move(names), "SCMP_ACT_ALLOW", std::nullopt, std::move(args)});
  };
  allow({"read", "write", "openat", "close", "socketcall", "ipc", "shmget", "mmap2", "nonsense"});
  allow({"socket"}, {{0, 40, 0, "SCMP_CMP_NE"}});
  for (const std::uint64_t value : {0x0u, 0x8u, 0x20000u, 0x20008u, 0xffffffffu})
    allow({"personality"}, {{0, value, 0, "SCMP_CMP_EQ"}});
  allow({"process_vm_readv", "read", "ptrace"});
  allow({"arch_prctl", "modify_ldt"});
  allow({"clone"}, {{0, 2114060288, 0, "SCMP_CMP_MASKED_EQ"}});
  seccomp.syscalls.push_back({{"clone3"}, "SCMP_ACT_ERRNO", ENOSYS, {}});
  allow({"write"}, {{0, 1, 0, "SCMP_CMP_EQ"}});
  expect_libseccomps_answers(through_config(seccomp));
}

TEST(ClientProfile, WithEveryArchitectureListedIsOneForThisMachine) {
  oci::Seccomp all;
  all.default_action = "SCMP_ACT_ERRNO";
  all.syscalls = {{{"read"}, "SCMP_ACT_ALLOW", std::nullopt, {}}};
  oci::Seccomp ours = all;
  all.architectures.assign(oci::kSeccompArchitectures.begin(), oci::kSeccompArchitectures.end());
  ours.architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
  const std::string program = compile_seccomp(through_config(all)).value();
  const std::string expected = compile_seccomp(ours).value();
  for (const CallNumber& number : all_x86_calls()) {
    seccomp_data call{};
    call.arch = number.audit;
    call.nr = static_cast<int>(number.number);
    ASSERT_EQ(interpret(program, call), interpret(expected, call)) << describe(number);
  }
}

// Bits of the value outside the mask do not count.
TEST(ClientProfile, MayCompareWithBitsOutsideTheMask) {
  oci::Seccomp seccomp;
  seccomp.default_action = "SCMP_ACT_ALLOW";
  seccomp.architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"};
  seccomp.syscalls = {
      {{"read"}, "SCMP_ACT_ERRNO", std::nullopt, {{0, 0x3, 0x9, "SCMP_CMP_MASKED_EQ"}}},
      {{"mmap"}, "SCMP_ACT_ERRNO", std::nullopt, {{0, 0, 0, "SCMP_CMP_MASKED_EQ"}}}};
  expect_libseccomps_answers(seccomp);
}

// The validator's words and the compiler's are the same.
TEST(SeccompNames, AreAllKnownToTheCompiler) {
  for (const std::string_view action : oci::kSeccompActions)
    EXPECT_TRUE(seccomp_action(std::string(action), std::nullopt)) << action;
  for (const std::string_view op : oci::kSeccompOperators)
    EXPECT_TRUE(parse_arg_check({0, 1, 1, std::string(op)})) << op;
  oci::Seccomp seccomp;
  seccomp.default_action = "SCMP_ACT_NOTIFY";
  for (const std::string_view flag : oci::kSeccompFlags) seccomp.flags.emplace_back(flag);
  EXPECT_TRUE(seccomp_flags(seccomp));
  for (const std::string_view arch : oci::kSeccompArchitectures)
    seccomp.architectures.emplace_back(arch);
  EXPECT_TRUE(compile_seccomp(seccomp));
}

}  // namespace
}  // namespace mycontainer::runtime::security
