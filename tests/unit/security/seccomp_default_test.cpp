#include "runtime/security/seccomp_default.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/audit.h>

#include <algorithm>
#include <map>
#include <set>

#include "bpf_interpreter.h"
#include "reexec/sys/file.h"
#include "runtime/security/seccomp_compile.h"
#include "runtime/security/seccomp_json.h"
#include "runtime/security/seccomp_syscalls.h"

namespace mycontainer::runtime::security {
namespace {

constexpr const char* kReference = "/usr/share/containers/seccomp.json";

// Where our profile is meant to answer otherwise than containers-common's, with the default
// capabilities and with each single one added. Every entry must be needed: one whose calls all
// answer alike fails the test.
struct Difference {
  const char* reason;
  const char* names;
};
constexpr Difference kIntended[] = {
    {"Docker: namespaces and mounts need CAP_SYS_ADMIN",
     "clone clone3 fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree "
     "pivot_root setns umount umount2 unshare"},
    {"Docker: memory policies need CAP_SYS_NICE", "get_mempolicy mbind set_mempolicy"},
    {"Docker: each needs the capability that the kernel asks for, so bugs stay out of reach",
     "pidfd_getfd reboot syslog"},
    {"Docker: CAP_BPF and CAP_PERFMON open what they were split from CAP_SYS_ADMIN for",
     "bpf perf_event_open"},
    {"Docker: address families that nobody needs are closed; NETLINK_AUDIT is left to the kernel",
     "socket"},
    {"keyrings have no namespace: all three calls look absent", "keyctl"},
    {"Docker: harmless", "io_pgetevents vmsplice"},
    {"younger than the reference",
     "cachestat fchmodat2 futex_requeue futex_wait futex_waitv futex_wake getxattrat "
     "io_pgetevents_time64 listmount listxattrat lsm_get_self_attr lsm_list_modules "
     "lsm_set_self_attr map_shadow_stack mseal quotactl_fd removexattrat set_mempolicy_home_node "
     "setxattrat statmount uretprobe"},
};

std::set<std::string> words(std::string_view text) {
  std::set<std::string> result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    result.emplace(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

// (audit architecture, number) of every intended difference, with its name.
using Numbers = std::map<std::pair<std::uint32_t, std::uint32_t>, std::string>;
Numbers intended_numbers() {
  Numbers numbers;
  for (const char* arch_name : {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"}) {
    const SeccompArch& arch = *find_seccomp_arch(arch_name);
    for (const Difference& difference : kIntended) {
      for (const std::string& name : words(difference.names)) {
        for (const SyscallNumber& way : resolve_syscall(arch, name)) {
          if (!way.selector) numbers[{arch.audit, way.number}] = name;
        }
      }
    }
  }
  return numbers;
}

class SeccompDefault : public testing::Test {
 protected:
  void SetUp() override {
    const auto file = sys::read_file_at(AT_FDCWD, kReference);
    if (!file) GTEST_SKIP() << kReference << " is missing (golang-github-containers-common)";
    json_ = *file;
  }

  // Compares all calls for one capability set; collects which intended differences were seen.
  void compare(CapabilityMask bounding, std::set<std::string>& seen) {
    const SeccompContext context{bounding, "amd64", {6, 1}};
    const auto reference = parse_seccomp_profile(json_, context);
    ASSERT_TRUE(reference) << reference.error().message();
    const auto theirs = compile_seccomp(*reference);
    const auto ours = compile_seccomp(default_seccomp(context));
    ASSERT_TRUE(theirs && ours);
    for (const CallNumber& number : all_x86_calls()) {
      const auto meant = intended_.find({number.audit, number.number});
      for (seccomp_data call : samples_) {
        call.arch = number.audit;
        call.nr = static_cast<int>(number.number);
        const std::uint32_t mine = interpret(*ours, call), other = interpret(*theirs, call);
        if (mine == other) continue;
        ASSERT_NE(meant, intended_.end())
            << describe(number) << " with " << call.args[0] << ", " << call.args[2] << ": "
            << std::hex << mine << ", containers-common " << other;
        seen.insert(meant->second);
      }
    }
  }

  std::string json_;
  const Numbers intended_ = intended_numbers();
  const std::vector<seccomp_data> samples_ = sample_arguments();
};

TEST_F(SeccompDefault, DiffersFromTheFieldsOnlyWhereMeantTo) {
  std::set<std::string> seen;
  compare(kDefaultCapabilities, seen);
  for (const int added :
       {CAP_SYS_ADMIN, CAP_SYS_PTRACE, CAP_SYS_MODULE, CAP_SYS_TIME, CAP_SYS_RAWIO, CAP_SYS_NICE,
        CAP_SYS_BOOT, CAP_SYS_PACCT, CAP_SYS_TTY_CONFIG, CAP_DAC_READ_SEARCH, CAP_SYSLOG, CAP_BPF,
        CAP_PERFMON})
    compare(kDefaultCapabilities | capability_bit(added), seen);
  compare(kDefaultCapabilities & ~capability_bit(CAP_AUDIT_WRITE), seen);
  compare(0, seen);
  compare(kAllCapabilities, seen);
  for (const auto& [number, name] : intended_)
    EXPECT_TRUE(seen.count(name)) << name << " is listed as a difference but is none";
}

std::uint32_t answer(CapabilityMask bounding, const char* name, std::uint64_t first = 0,
                     KernelVersion kernel = {6, 1}) {
  const auto program = compile_seccomp(default_seccomp({bounding, "amd64", kernel}));
  const auto numbers = resolve_syscall(*find_seccomp_arch("SCMP_ARCH_X86_64"), name);
  EXPECT_EQ(numbers.size(), 1u) << name;
  seccomp_data call{};
  call.arch = AUDIT_ARCH_X86_64;
  call.nr = static_cast<int>(numbers.at(0).number);
  call.args[0] = first;
  return interpret(*program, call);
}

constexpr std::uint32_t kEperm = SECCOMP_RET_ERRNO | EPERM, kEnosys = SECCOMP_RET_ERRNO | ENOSYS;

TEST(SeccompDefaultTable, OpensWithTheRightCapabilityOnly) {
  const std::pair<const char*, int> gates[] = {{"mount", CAP_SYS_ADMIN},
                                               {"unshare", CAP_SYS_ADMIN},
                                               {"bpf", CAP_BPF},
                                               {"bpf", CAP_SYS_ADMIN},
                                               {"syslog", CAP_SYSLOG},
                                               {"reboot", CAP_SYS_BOOT},
                                               {"init_module", CAP_SYS_MODULE},
                                               {"mbind", CAP_SYS_NICE},
                                               {"acct", CAP_SYS_PACCT},
                                               {"iopl", CAP_SYS_RAWIO},
                                               {"vhangup", CAP_SYS_TTY_CONFIG},
                                               {"kcmp", CAP_SYS_PTRACE},
                                               {"open_by_handle_at", CAP_DAC_READ_SEARCH},
                                               {"perf_event_open", CAP_PERFMON},
                                               {"settimeofday", CAP_SYS_TIME}};
  for (const auto& [name, capability] : gates) {
    EXPECT_EQ(answer(kDefaultCapabilities, name), kEperm) << name;
    EXPECT_EQ(answer(capability_bit(capability), name), SECCOMP_RET_ALLOW) << name;
  }
}

TEST(SeccompDefaultTable, RefusesNewNamespacesInClone) {
  constexpr std::uint64_t kThread = 0x3d0f00, kFork = 0x01200011;
  EXPECT_EQ(answer(kDefaultCapabilities, "clone", kThread), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(kDefaultCapabilities, "clone", kFork), SECCOMP_RET_ALLOW);
  for (const std::uint64_t flag :
       {0x20000u, 0x2000000u, 0x4000000u, 0x8000000u, 0x10000000u, 0x20000000u, 0x40000000u})
    EXPECT_EQ(answer(kDefaultCapabilities, "clone", kFork | flag), kEperm) << flag;
  EXPECT_EQ(answer(kDefaultCapabilities, "clone3"), kEnosys);
  EXPECT_EQ(answer(capability_bit(CAP_SYS_ADMIN), "clone", 0x10000000), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(capability_bit(CAP_SYS_ADMIN), "clone3"), SECCOMP_RET_ALLOW);
}

TEST(SeccompDefaultTable, ClosesDangerousAddressFamilies) {
  for (const std::uint64_t family : {1u, 2u, 10u, 16u, 17u, 44u})
    EXPECT_EQ(answer(kDefaultCapabilities, "socket", family), SECCOMP_RET_ALLOW) << family;
  for (const std::uint64_t family : {12u, 38u, 40u, 46u, 0xffffffffu})
    EXPECT_EQ(answer(kAllCapabilities, "socket", family), kEperm) << family;
  EXPECT_EQ(answer(kDefaultCapabilities, "socket", 0x100000002), kEperm);
}

TEST(SeccompDefaultTable, LooksLikeAnOlderKernelForWhatItDoesNotKnow) {
  for (const char* name : {"io_uring_setup", "add_key", "keyctl", "request_key"})
    EXPECT_EQ(answer(kAllCapabilities, name), kEnosys) << name;
}

TEST(SeccompDefaultTable, AllowsTracingFromLinux48On) {
  EXPECT_EQ(answer(kDefaultCapabilities, "ptrace", 0, {4, 8}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(kDefaultCapabilities, "ptrace", 0, {4, 7}), kEperm);
  EXPECT_EQ(answer(capability_bit(CAP_SYS_PTRACE), "ptrace", 0, {4, 7}), SECCOMP_RET_ALLOW);
}

TEST(SeccompDefaultTable, NamesEveryCallOnce) {
  std::set<std::string> unconditional;
  for (const auto& rule : default_seccomp({kDefaultCapabilities, "amd64", {6, 1}}).syscalls) {
    for (const std::string& name : rule.names) {
      const bool fresh =
          rule.args.empty() ? unconditional.insert(name).second : unconditional.count(name) == 0;
      EXPECT_TRUE(fresh) << name;
    }
  }
  EXPECT_GT(unconditional.size(), 400u);
}

TEST(SeccompDefaultTable, FollowsTheArchitecture) {
  const auto arm = default_seccomp({kDefaultCapabilities, "arm64", {6, 1}});
  EXPECT_EQ(arm.architectures, (std::vector<std::string>{"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"}));
  const auto has = [&](const char* name) {
    return std::any_of(arm.syscalls.begin(), arm.syscalls.end(), [&](const auto& rule) {
      return std::find(rule.names.begin(), rule.names.end(), name) != rule.names.end();
    });
  };
  EXPECT_TRUE(has("sync_file_range2"));
  EXPECT_FALSE(has("modify_ldt"));
}

TEST(KernelVersion, IsReadFromTheRelease) {
  EXPECT_EQ(parse_kernel_version("6.18.44-fc").value(), (KernelVersion{6, 18}));
  EXPECT_EQ(parse_kernel_version("4.8").value(), (KernelVersion{4, 8}));
  for (const char* bad : {"", "6", "6.", "x.1", ".5", "-1.2"})
    EXPECT_FALSE(parse_kernel_version(bad)) << bad;
  EXPECT_GE(running_kernel(), (KernelVersion{4, 0}));
}

}  // namespace
}  // namespace mycontainer::runtime::security
