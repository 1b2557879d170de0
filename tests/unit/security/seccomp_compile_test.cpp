#include "runtime/security/seccomp_compile.h"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <random>

#include "bpf_interpreter.h"
#include "runtime/security/seccomp_default.h"

namespace mycontainer::runtime::security {
namespace {

constexpr std::uint32_t kEperm = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t kX32 = 0x40000000;
constexpr std::uint32_t kUnknown = SECCOMP_RET_ERRNO | ENOSYS;  // runc's answer, not libseccomp's
constexpr std::uint32_t kFirstShared = 424;                     // of the calls that may get it

oci::Seccomp profile(std::string fallback, std::vector<oci::SeccompRule> rules) {
  oci::Seccomp seccomp;
  seccomp.default_action = std::move(fallback);
  seccomp.architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
  seccomp.syscalls = std::move(rules);
  return seccomp;
}

oci::SeccompRule rule(const char* name, const char* action,
                      std::vector<oci::SeccompArg> args = {}) {
  return {{name}, action, std::nullopt, std::move(args)};
}

std::string compiled(const oci::Seccomp& seccomp) {
  auto program = compile_seccomp(seccomp);
  EXPECT_TRUE(program) << program.error().message();
  EXPECT_TRUE(valid_seccomp_program(*program));
  return *program;
}

std::uint32_t answer(const std::string& program, std::uint32_t audit, std::uint32_t number,
                     std::vector<std::uint64_t> args = {}) {
  seccomp_data call{};
  call.arch = audit;
  call.nr = static_cast<int>(number);
  for (std::size_t i = 0; i < args.size(); ++i) call.args[i] = args[i];
  return interpret(program, call);
}

// Whether the kernel could ever show such a call. 32-bit x86 has no upper halves. x32 has, but
// libseccomp does not look at them while we do, as for x86-64.
bool comparable(const CallNumber& number, const seccomp_data& call) {
  const bool is_x86_64 = number.audit == AUDIT_ARCH_X86_64 && (number.number & kX32) == 0;
  return is_x86_64 || ((call.args[0] | call.args[2]) >> 32) == 0;
}

// How often the two programs differ, with the first few cases as failures.
int differences(const std::string& one, const std::string& other,
                const std::vector<seccomp_data>& arguments) {
  int found = 0;
  for (const CallNumber& number : all_x86_calls()) {
    for (seccomp_data call : arguments) {
      if (!comparable(number, call)) continue;
      call.arch = number.audit;
      call.nr = static_cast<int>(number.number);
      const std::uint32_t a = interpret(one, call), b = interpret(other, call);
      if (a == b || (a == kUnknown && (number.number & ~kX32) >= kFirstShared)) continue;
      if (++found <= 10)
        ADD_FAILURE() << describe(number) << " args " << call.args[0] << ", " << call.args[1]
                      << ", " << call.args[2] << ": " << std::hex << a << " and " << b;
    }
  }
  return found;
}

TEST(SeccompCompile, ComparesAllSixtyFourBits) {
  struct Case {
    const char* op;
    std::uint64_t value, value_two;
    std::vector<std::uint64_t> pass, refused;
  };
  constexpr std::uint64_t kBig = 0x500000007;
  const Case cases[] = {
      {"SCMP_CMP_EQ", kBig, 0, {kBig}, {7, 5, 0x600000007, 0x500000008, 0}},
      {"SCMP_CMP_NE", kBig, 0, {7, 0x600000007, 0x500000008}, {kBig}},
      {"SCMP_CMP_LT", kBig, 0, {kBig - 1, 8, 0x4ffffffff}, {kBig, kBig + 1, 0x600000000}},
      {"SCMP_CMP_LE", kBig, 0, {kBig, kBig - 1, 0x4ffffffff}, {kBig + 1, 0x600000000}},
      {"SCMP_CMP_GE", kBig, 0, {kBig, kBig + 1, 0x600000000}, {kBig - 1, 0x4ffffffff, 8}},
      {"SCMP_CMP_GT", kBig, 0, {kBig + 1, 0x600000000}, {kBig, 0x4ffffffff, 8}},
      {"SCMP_CMP_MASKED_EQ",
       0xf0000000f,
       kBig,
       {kBig, 0x5000000f7, 0xf500000007},
       {7, 0x500000006}},
      {"SCMP_CMP_MASKED_EQ", 0xf0, 0x30, {0x30, 0x13f, 0xff00000030}, {0, 0x70, 0xf0}},
      {"SCMP_CMP_EQ", 7, 0, {7}, {0x100000007, 6, 8, 0}},
      {"SCMP_CMP_NE", 7, 0, {0x100000007, 6, 8, 0}, {7}},
      {"SCMP_CMP_LT", 7, 0, {0, 6}, {7, 0x100000000, ~std::uint64_t{0}}},
      {"SCMP_CMP_GE", 7, 0, {7, 0x100000000, ~std::uint64_t{0}}, {0, 6}},
      {"SCMP_CMP_GT", 0xffffffff, 0, {0x100000000}, {0, 0xffffffff}},
  };
  for (const Case& c : cases) {
    const auto program = compiled(profile(
        "SCMP_ACT_ERRNO", {rule("read", "SCMP_ACT_ALLOW", {{3, c.value, c.value_two, c.op}})}));
    for (const std::uint64_t v : c.pass)
      EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, SYS_read, {0, 0, 0, v}), SECCOMP_RET_ALLOW)
          << c.op << " " << c.value << ": " << v;
    for (const std::uint64_t v : c.refused)
      EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, SYS_read, {0, 0, 0, v}), kEperm)
          << c.op << " " << c.value << ": " << v;
  }
}

TEST(SeccompCompile, WantsAllArgumentsOfARuleAndAnyOfSeveralRules) {
  const auto program = compiled(
      profile("SCMP_ACT_ERRNO",
              {rule("read", "SCMP_ACT_ALLOW", {{0, 1, 0, "SCMP_CMP_EQ"}, {1, 2, 0, "SCMP_CMP_EQ"}}),
               rule("read", "SCMP_ACT_LOG", {{0, 9, 0, "SCMP_CMP_EQ"}})}));
  EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, SYS_read, {1, 2}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, SYS_read, {1, 3}), kEperm);
  EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, SYS_read, {9, 3}), SECCOMP_RET_LOG);
}

TEST(SeccompCompile, TakesARepeatedArgumentAsAlternatives) {
  const auto program = compiled(profile(
      "SCMP_ACT_ERRNO",
      {rule("read", "SCMP_ACT_ALLOW", {{0, 1, 0, "SCMP_CMP_EQ"}, {0, 2, 0, "SCMP_CMP_EQ"}})}));
  EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, SYS_read, {1}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, SYS_read, {2}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, SYS_read, {3}), kEperm);
}

TEST(SeccompCompile, LetsTheFirstRuleWithoutArgumentsWin) {
  const auto program = compiled(profile(
      "SCMP_ACT_ERRNO", {rule("read", "SCMP_ACT_TRAP", {{0, 1, 0, "SCMP_CMP_EQ"}}),
                         rule("read", "SCMP_ACT_ALLOW"), rule("read", "SCMP_ACT_KILL_PROCESS"),
                         rule("read", "SCMP_ACT_LOG", {{0, 2, 0, "SCMP_CMP_EQ"}})}));
  for (const std::uint64_t first : {0u, 1u, 2u})
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, SYS_read, {first}), SECCOMP_RET_ALLOW);
}

TEST(SeccompCompile, KnowsEveryAction) {
  const std::pair<const char*, std::uint32_t> actions[] = {
      {"SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD},
      {"SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD},
      {"SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS},
      {"SCMP_ACT_TRAP", SECCOMP_RET_TRAP},
      {"SCMP_ACT_ERRNO", kEperm},
      {"SCMP_ACT_TRACE", SECCOMP_RET_TRACE | EPERM},
      {"SCMP_ACT_LOG", SECCOMP_RET_LOG},
      {"SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF},
  };
  for (const auto& [name, value] : actions) {
    const auto program = compiled(profile("SCMP_ACT_ALLOW", {rule("read", name)}));
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, SYS_read), value) << name;
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, SYS_write), SECCOMP_RET_ALLOW) << name;
  }
  auto seccomp = profile("SCMP_ACT_ALLOW", {rule("read", "SCMP_ACT_ERRNO")});
  seccomp.syscalls[0].errno_ret = ENOTTY;
  EXPECT_EQ(answer(compiled(seccomp), AUDIT_ARCH_X86_64, SYS_read), SECCOMP_RET_ERRNO | ENOTTY);
}

TEST(SeccompCompile, KillsCallsOfOtherArchitectures) {
  auto seccomp = profile("SCMP_ACT_ALLOW", {});
  seccomp.architectures.clear();
  const auto native = compiled(seccomp);
  EXPECT_EQ(answer(native, AUDIT_ARCH_X86_64, SYS_read), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(native, AUDIT_ARCH_X86_64, kX32 | SYS_read), SECCOMP_RET_KILL_THREAD);
  EXPECT_EQ(answer(native, AUDIT_ARCH_X86_64, 0xffffffff), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(native, AUDIT_ARCH_I386, 3), SECCOMP_RET_KILL_THREAD);
  seccomp.architectures = {"SCMP_ARCH_X86"};
  EXPECT_EQ(answer(compiled(seccomp), AUDIT_ARCH_I386, 3), SECCOMP_RET_ALLOW);
}

TEST(SeccompCompile, CoversTheMultiplexersOf32BitX86) {
  const auto program = compiled(profile(
      "SCMP_ACT_ALLOW", {rule("socket", "SCMP_ACT_ERRNO"), rule("shmget", "SCMP_ACT_ERRNO")}));
  constexpr std::uint32_t kSocketcall = 102, kSocket = 359, kIpc = 117, kShmget = 395;
  EXPECT_EQ(answer(program, AUDIT_ARCH_I386, kSocketcall, {1}), kEperm);
  EXPECT_EQ(answer(program, AUDIT_ARCH_I386, kSocketcall, {2}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(program, AUDIT_ARCH_I386, kSocket), kEperm);
  EXPECT_EQ(answer(program, AUDIT_ARCH_I386, kIpc, {23}), kEperm);
  EXPECT_EQ(answer(program, AUDIT_ARCH_I386, kIpc, {0x10000 | 23}), kEperm);
  EXPECT_EQ(answer(program, AUDIT_ARCH_I386, kIpc, {24}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(program, AUDIT_ARCH_I386, kShmget), kEperm);
}

TEST(SeccompCompile, CutsConstantsTo32BitsFor32BitPrograms) {
  const auto program = compiled(
      profile("SCMP_ACT_ERRNO",
              {rule("close", "SCMP_ACT_ALLOW", {{0, ~std::uint64_t{0}, 0, "SCMP_CMP_EQ"}})}));
  EXPECT_EQ(answer(program, AUDIT_ARCH_I386, 6, {0xffffffff}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, SYS_close, {0xffffffff}), kEperm);
}

TEST(SeccompCompile, KnowsCallsYoungerThanLibseccomp) {
  const auto program = compiled(profile("SCMP_ACT_ERRNO", {rule("mseal", "SCMP_ACT_ALLOW")}));
  EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, 462), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, kX32 | 462), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(program, AUDIT_ARCH_I386, 462), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(program, AUDIT_ARCH_I386, 463), kUnknown);
}

TEST(SeccompCompile, LooksLikeAnOlderKernelForCallsYoungerThanTheProfile) {
  auto seccomp = profile("SCMP_ACT_ERRNO", {rule("read", "SCMP_ACT_ALLOW"),
                                            rule("close_range", "SCMP_ACT_ERRNO"),  // 436
                                            rule("epoll_wait", "SCMP_ACT_ALLOW")});
  const auto program = compiled(seccomp);
  for (const std::uint32_t audit :
       {std::uint32_t{AUDIT_ARCH_X86_64}, std::uint32_t{AUDIT_ARCH_I386}}) {
    for (const std::uint32_t old : {1u, 423u, 424u, 436u, 0xffffffffu})
      EXPECT_EQ(answer(program, audit, old), kEperm) << old;
    for (const std::uint32_t young : {437u, 452u, 1000u, 0x3fffffffu})
      EXPECT_EQ(answer(program, audit, young), kUnknown) << young;
  }
  EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, kX32 | 436), kEperm);
  EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, kX32 | 437), kUnknown);
  // A profile of old calls only, and none.
  seccomp.syscalls.erase(seccomp.syscalls.begin() + 1);
  EXPECT_EQ(answer(compiled(seccomp), AUDIT_ARCH_X86_64, 423), kEperm);
  EXPECT_EQ(answer(compiled(seccomp), AUDIT_ARCH_X86_64, 424), kUnknown);
  seccomp.syscalls.clear();
  EXPECT_EQ(answer(compiled(seccomp), AUDIT_ARCH_X86_64, 424), kEperm);
  // Other defaults mean what they say.
  for (const char* action : {"SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP", "SCMP_ACT_ALLOW"}) {
    const auto other = compiled(profile(action, {rule("read", "SCMP_ACT_LOG")}));
    EXPECT_EQ(answer(other, AUDIT_ARCH_X86_64, 1000), answer(other, AUDIT_ARCH_X86_64, 1));
  }
}

TEST(SeccompCompile, LeavesOutNamesNobodyKnows) {
  EXPECT_EQ(compiled(profile("SCMP_ACT_ALLOW", {rule("no_such_call", "SCMP_ACT_ERRNO")})),
            compiled(profile("SCMP_ACT_ALLOW", {})));
}

TEST(SeccompCompile, SaysWhichRuleIsWrong) {
  const auto message = [](const oci::Seccomp& seccomp) {
    const auto program = compile_seccomp(seccomp);
    return program ? "" : program.error().message();
  };
  EXPECT_EQ(message(profile("SCMP_ACT_NOPE", {})),
            "seccomp: default action: unknown action SCMP_ACT_NOPE");
  EXPECT_EQ(message(profile("SCMP_ACT_ALLOW", {rule("read", "")})),
            "seccomp: rule 0 (read): unknown action ");
  EXPECT_EQ(message(profile("SCMP_ACT_ALLOW",
                            {rule("read", "SCMP_ACT_ERRNO", {{0, 1, 0, "SCMP_CMP_XX"}})})),
            "seccomp: rule 0 (read): unknown operator SCMP_CMP_XX");
  EXPECT_EQ(message(profile("SCMP_ACT_ALLOW",
                            {rule("read", "SCMP_ACT_ERRNO", {{6, 1, 0, "SCMP_CMP_EQ"}})})),
            "seccomp: rule 0 (read): argument 6 does not exist (0 to 5)");
  auto seccomp = profile("SCMP_ACT_ALLOW", {});
  seccomp.default_errno_ret = 1;
  EXPECT_EQ(message(seccomp), "seccomp: default action: SCMP_ACT_ALLOW does not take an errno");
  seccomp = profile("SCMP_ACT_ERRNO", {});
  seccomp.default_errno_ret = 4096;
  EXPECT_EQ(message(seccomp), "seccomp: default action: errno 4096 is out of range (0 to 4095)");
  seccomp = profile("SCMP_ACT_ALLOW", {});
  seccomp.architectures = {"SCMP_ARCH_NOPE"};
  EXPECT_EQ(message(seccomp), "seccomp: unknown architecture SCMP_ARCH_NOPE");
}

TEST(SeccompCompile, RefusesWhatTheKernelWouldNotTake) {
  auto seccomp = profile("SCMP_ACT_ALLOW", {});
  for (std::uint64_t value = 0; value < 2000; ++value)
    seccomp.syscalls.push_back(
        rule("read", "SCMP_ACT_ERRNO", {{0, value << 32, 0, "SCMP_CMP_EQ"}}));
  const auto program = compile_seccomp(seccomp);
  ASSERT_FALSE(program);
  EXPECT_NE(program.error().message().find("the kernel takes 4096"), std::string::npos);
}

TEST(SeccompCompile, AnswersAsLibseccompForTheDefaultProfile) {
  for (const CapabilityMask bounding :
       {kDefaultCapabilities, CapabilityMask{0}, kAllCapabilities}) {
    oci::Seccomp seccomp = default_seccomp({bounding, "amd64", {6, 1}});
    for (oci::SeccompRule& one : seccomp.syscalls)
      std::erase_if(one.names, [](const std::string& name) { return !libseccomp_knows(name); });
    EXPECT_EQ(differences(compiled(seccomp), libseccomp_program(seccomp, 2), sample_arguments()),
              0);
  }
}

// A profile of random rules of one action, so that their order cannot matter, for 64-bit and 32-bit
// x86; at most `most` rules for each call.
oci::Seccomp random_profile(std::mt19937& random, std::uint32_t most) {
  const auto below = [&](std::uint32_t limit) {
    return static_cast<std::uint32_t>(random() % limit);
  };
  const char* const names[] = {"read",  "write", "openat", "close", "mmap",    "ioctl",
                               "clone", "prctl", "kill",   "wait4", "unshare", "futex"};
  const char* const ops[] = {"SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",       "SCMP_CMP_EQ",
                             "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"};
  auto seccomp = profile("SCMP_ACT_ERRNO", {});
  seccomp.architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"};
  for (const char* name : names) {
    const std::uint32_t rules = below(most + 1);
    for (std::uint32_t i = 0; i < rules; ++i) {
      std::vector<oci::SeccompArg> args;
      for (const std::uint32_t index : {0u, 2u}) {
        const std::uint64_t value = below(2) ? below(20) : (std::uint64_t{1} << 32) + below(4);
        if (below(2)) args.push_back({index, value, value & below(20), ops[below(7)]});
      }
      seccomp.syscalls.push_back(rule(name, "SCMP_ACT_ALLOW", std::move(args)));
    }
  }
  return seccomp;
}

TEST(SeccompCompile, AnswersAsLibseccompForRandomProfiles) {
  std::mt19937 random(20240611);
  for (int i = 0; i < 20; ++i) {
    // One rule a call: libseccomp 2.5.4 loses some of several rules that overlap.
    const oci::Seccomp seccomp = random_profile(random, 1);
    ASSERT_EQ(differences(compiled(seccomp), libseccomp_program(seccomp, 1), sample_arguments()), 0)
        << "profile " << i;
  }
}

bool passes(const oci::SeccompArg& arg, const seccomp_data& call) {
  const std::uint64_t v = call.args[arg.index];
  const std::string op = arg.op.substr(std::string("SCMP_CMP_").size());
  if (op == "NE") return v != arg.value;
  if (op == "LT") return v < arg.value;
  if (op == "LE") return v <= arg.value;
  if (op == "EQ") return v == arg.value;
  if (op == "GE") return v >= arg.value;
  if (op == "GT") return v > arg.value;
  return (v & arg.value) == arg.value_two;
}

bool passes(const oci::SeccompRule& one, const seccomp_data& call) {
  return std::all_of(one.args.begin(), one.args.end(),
                     [&](const oci::SeccompArg& arg) { return passes(arg, call); });
}

TEST(SeccompCompile, AnswersAsTheRulesOfRandomProfilesRead) {
  std::mt19937 random(7);
  for (int i = 0; i < 40; ++i) {
    const oci::Seccomp seccomp = random_profile(random, 4);
    const std::string program = compiled(seccomp);
    for (const auto& [name, number] :
         {std::pair{"read", SYS_read}, {"mmap", SYS_mmap}, {"wait4", SYS_wait4}}) {
      for (seccomp_data call : sample_arguments()) {
        call.arch = AUDIT_ARCH_X86_64;
        call.nr = static_cast<int>(number);
        const bool allowed = std::any_of(seccomp.syscalls.begin(), seccomp.syscalls.end(),
                                         [&, wanted = std::string_view(name)](const auto& one) {
                                           return one.names[0] == wanted && passes(one, call);
                                         });
        ASSERT_EQ(interpret(program, call), allowed ? SECCOMP_RET_ALLOW : kEperm)
            << "profile " << i << " " << name << " " << call.args[0] << " " << call.args[2];
      }
    }
  }
}

TEST(SeccompCompile, ReachesReturnsAndConditionsAcrossALargeProgram) {
  auto seccomp = profile("SCMP_ACT_ERRNO", {});
  constexpr std::uint32_t kCalls = 330;
  for (std::uint32_t number = 0; number < kCalls; ++number) {
    char* name = ::seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, static_cast<int>(number));
    ASSERT_NE(name, nullptr) << number;
    seccomp.syscalls.push_back(rule(name, number % 3 ? "SCMP_ACT_LOG" : "SCMP_ACT_ALLOW",
                                    {{0, number, number % 2, "SCMP_CMP_MASKED_EQ"}}));
    ::free(name);
  }
  const std::string program = compiled(seccomp);
  EXPECT_GT(program.size() / sizeof(sock_filter), 2000u);
  for (std::uint32_t number = 0; number < kCalls; ++number) {
    for (const std::uint64_t first : {0u, 1u, 2u, 7u}) {
      const bool pass = (first & number) == number % 2;
      const std::uint32_t action = number % 3 ? SECCOMP_RET_LOG : SECCOMP_RET_ALLOW;
      ASSERT_EQ(answer(program, AUDIT_ARCH_X86_64, number, {first}), pass ? action : kEperm)
          << number << " with " << first;
    }
  }
}

TEST(SeccompCompile, MakesASmallProgramOfTheDefaultProfile) {
  const SeccompContext context{kDefaultCapabilities, "amd64", {6, 1}};
  const auto program = compiled(default_seccomp(context));
  EXPECT_LT(program.size() / sizeof(sock_filter), 320u);
  EXPECT_GT(libseccomp_program(default_seccomp(context), 1).size(), 2 * program.size());
}

// A program's fingerprint (FNV-1a).
std::uint64_t fingerprint(const std::string& program) {
  std::uint64_t state = 0xcbf29ce484222325;
  for (const char c : program) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return state;
}

TEST(SeccompCompile, HasANewGeneratorNumberWhenItsProgramsChange) {
  std::mt19937 random(3);
  const auto program = compiled(random_profile(random, 4));
  EXPECT_EQ(kSeccompGenerator, 4u);
  EXPECT_EQ(fingerprint(program), 11084447452694746035u)
      << "raise kSeccompGenerator, then put the new value here";
}

TEST(SeccompCompile, KnowsTheFlags) {
  auto seccomp = profile("SCMP_ACT_ALLOW", {});
  EXPECT_EQ(seccomp_flags(seccomp).value(), 0u);
  seccomp.flags = {"SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_TSYNC"};
  EXPECT_EQ(seccomp_flags(seccomp).value(), SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_TSYNC);
  seccomp.flags.push_back("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");
  EXPECT_EQ(seccomp_flags(seccomp).value(), SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_TSYNC)
      << "only with a listener";
  seccomp.syscalls = {rule("mkdir", "SCMP_ACT_NOTIFY")};
  EXPECT_EQ(seccomp_flags(seccomp).value(),
            SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV | SECCOMP_FILTER_FLAG_LOG |
                SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_NEW_LISTENER |
                SECCOMP_FILTER_FLAG_TSYNC_ESRCH);
  seccomp.flags = {"SECCOMP_FILTER_FLAG_NOPE"};
  EXPECT_EQ(seccomp_flags(seccomp).error().message(),
            "seccomp: unknown flag SECCOMP_FILTER_FLAG_NOPE");
}

std::string bytes_of(const std::vector<sock_filter>& program) {
  return {reinterpret_cast<const char*>(program.data()), program.size() * sizeof(sock_filter)};
}

TEST(SeccompCompile, RecognisesProgramsThatAreNone) {
  const sock_filter load = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
  const sock_filter give_back = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const sock_filter jump = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1);
  EXPECT_TRUE(valid_seccomp_program(bytes_of({load, jump, give_back, give_back})));
  EXPECT_FALSE(valid_seccomp_program(bytes_of({load, jump, give_back})));
  EXPECT_FALSE(valid_seccomp_program(bytes_of({load})));
  EXPECT_FALSE(valid_seccomp_program(""));
  EXPECT_FALSE(valid_seccomp_program(bytes_of({give_back}).substr(1)));
  EXPECT_FALSE(
      valid_seccomp_program(bytes_of({BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), give_back})));
  EXPECT_FALSE(valid_seccomp_program(bytes_of({BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), give_back})));
  EXPECT_FALSE(valid_seccomp_program(bytes_of({BPF_STMT(BPF_JMP | BPF_JA, 1), give_back})));
  EXPECT_FALSE(valid_seccomp_program(bytes_of({BPF_STMT(BPF_ST, 0), give_back})));
  EXPECT_FALSE(valid_seccomp_program(bytes_of(std::vector<sock_filter>(4097, give_back))));
}

}  // namespace
}  // namespace mycontainer::runtime::security
