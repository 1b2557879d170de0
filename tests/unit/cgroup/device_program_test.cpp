#include "runtime/cgroup/device_program.h"

#include <gtest/gtest.h>

#include <array>

#include "runtime/oci/defaults.h"

namespace mycontainer::runtime::cgroup {
namespace {

constexpr std::uint32_t kMknod = BPF_DEVCG_ACC_MKNOD, kRead = BPF_DEVCG_ACC_READ,
                        kWrite = BPF_DEVCG_ACC_WRITE;
constexpr std::uint32_t kBlock = BPF_DEVCG_DEV_BLOCK, kChar = BPF_DEVCG_DEV_CHAR;

// The machine of the few instructions that a device program is made of. -1: not one of them, or no
// exit.
int run(const std::vector<bpf_insn>& program, const bpf_cgroup_dev_ctx& context) {
  std::array<std::uint64_t, 11> r{};
  for (std::size_t at = 0; at < program.size(); ++at) {
    const bpf_insn& i = program[at];
    const auto value = static_cast<std::uint64_t>(static_cast<std::int64_t>(i.imm));
    const auto jump = static_cast<std::size_t>(i.off);
    switch (i.code) {
      case BPF_LDX | BPF_MEM | BPF_W:
        r[i.dst_reg] = reinterpret_cast<const std::uint32_t*>(&context)[i.off / 4];
        break;
      case BPF_ALU64 | BPF_MOV | BPF_X:
        r[i.dst_reg] = r[i.src_reg];
        break;
      case BPF_ALU64 | BPF_MOV | BPF_K:
        r[i.dst_reg] = value;
        break;
      case BPF_ALU64 | BPF_AND | BPF_K:
        r[i.dst_reg] &= value;
        break;
      case BPF_ALU64 | BPF_RSH | BPF_K:
        r[i.dst_reg] >>= value;
        break;
      case BPF_ALU64 | BPF_LSH | BPF_K:
        r[i.dst_reg] <<= value;
        break;
      case BPF_ALU64 | BPF_OR | BPF_X:
        r[i.dst_reg] |= r[i.src_reg];
        break;
      case BPF_JMP32 | BPF_JEQ | BPF_K:
        if (static_cast<std::uint32_t>(r[i.dst_reg]) == static_cast<std::uint32_t>(i.imm))
          at += jump;
        break;
      case BPF_JMP32 | BPF_JNE | BPF_K:
        if (static_cast<std::uint32_t>(r[i.dst_reg]) != static_cast<std::uint32_t>(i.imm))
          at += jump;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        if (r[i.dst_reg] == value) at += jump;
        break;
      case BPF_JMP | BPF_JNE | BPF_K:
        if (r[i.dst_reg] != value) at += jump;
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        if ((r[i.dst_reg] & value) != 0) at += jump;
        break;
      case BPF_JMP | BPF_JA:
        at += jump;
        break;
      case BPF_JMP | BPF_EXIT:
        return static_cast<int>(r[0]);
      default:
        return -1;
    }
  }
  return -1;
}

struct Access {
  std::uint32_t type, bits, major, minor;
};

int judge(const std::vector<oci::DeviceRule>& rules, const Access& access) {
  const auto program = device_program(rules);
  if (!program) return -1;
  return run(*program, {access.bits << 16 | access.type, access.major, access.minor});
}

oci::DeviceRule rule(bool allow, const char* type, std::int64_t major, std::int64_t minor,
                     const char* access) {
  return {.allow = allow, .type = type, .major = major, .minor = minor, .access = access};
}

TEST(DeviceProgram, DeniesWhatNoRuleMatches) {
  EXPECT_EQ(judge({}, {kChar, kRead, 1, 3}), 0);
  EXPECT_EQ(judge({rule(true, "c", 1, 3, "rwm")}, {kChar, kRead, 1, 4}), 0);
  EXPECT_EQ(judge({rule(true, "c", 1, 3, "rwm")}, {kChar, kRead, 2, 3}), 0);
  EXPECT_EQ(judge({rule(true, "c", 1, 3, "rwm")}, {kBlock, kRead, 1, 3}), 0);
}

TEST(DeviceProgram, AllowsWhatARuleAllows) {
  EXPECT_EQ(judge({rule(true, "c", 1, 3, "rwm")}, {kChar, kRead | kWrite, 1, 3}), 1);
  EXPECT_EQ(judge({rule(true, "c", 136, -1, "rwm")}, {kChar, kRead, 136, 77}), 1);
  EXPECT_EQ(judge({rule(true, "a", -1, -1, "rwm")}, {kBlock, kWrite, 8, 0}), 1);
}

TEST(DeviceProgram, LetsTheLastMatchingRuleDecide) {
  const auto all = rule(true, "a", -1, -1, "rwm");
  EXPECT_EQ(judge({all, rule(false, "b", 8, -1, "rwm")}, {kBlock, kRead, 8, 1}), 0);
  EXPECT_EQ(judge({rule(false, "b", 8, -1, "rwm"), all}, {kBlock, kRead, 8, 1}), 1);
}

TEST(DeviceProgram, DecidesEachAccessBitByItself) {
  const std::vector<oci::DeviceRule> split{rule(true, "c", 5, 0, "r"), rule(true, "c", 5, 0, "w")};
  EXPECT_EQ(judge(split, {kChar, kRead | kWrite, 5, 0}), 1);
  EXPECT_EQ(judge(split, {kChar, kRead | kMknod, 5, 0}), 0);
  const std::vector<oci::DeviceRule> but{rule(true, "c", 5, 0, "rwm"), rule(false, "c", 5, 0, "w")};
  EXPECT_EQ(judge(but, {kChar, kRead, 5, 0}), 1);
  EXPECT_EQ(judge(but, {kChar, kRead | kWrite, 5, 0}), 0);
}

TEST(DeviceProgram, KeepsMakingANodeApartFromOpeningIt) {
  const std::vector<oci::DeviceRule> docker{rule(true, "c", -1, -1, "m"),
                                            rule(true, "b", -1, -1, "m")};
  EXPECT_EQ(judge(docker, {kBlock, kMknod, 8, 0}), 1);
  EXPECT_EQ(judge(docker, {kBlock, kRead, 8, 0}), 0);
}

// Every combination of three rules over a few shapes, against the definition written plainly.
TEST(DeviceProgram, AgreesWithItsDefinitionOnEveryListOfThree) {
  const std::vector<oci::DeviceRule> shapes{
      rule(true, "a", -1, -1, "rwm"), rule(false, "a", -1, -1, "rwm"), rule(true, "c", 1, -1, "r"),
      rule(false, "c", 1, 3, "rw"),   rule(true, "b", -1, 3, "wm"),    rule(true, "c", 1, 3, "rwm"),
      rule(false, "b", 1, -1, "m")};
  const auto bits_of = [](const std::string& text) {
    return (text.find('r') != text.npos ? kRead : 0) | (text.find('w') != text.npos ? kWrite : 0) |
           (text.find('m') != text.npos ? kMknod : 0);
  };
  const auto plain = [&](const std::vector<oci::DeviceRule>& rules, const Access& access) {
    for (const std::uint32_t bit : {kRead, kWrite, kMknod}) {
      if ((access.bits & bit) == 0) continue;
      bool allowed = false;
      for (const auto& r : rules) {
        const bool type = r.type == "a" || (r.type == "c") == (access.type == kChar);
        if (type && (*r.major < 0 || *r.major == access.major) &&
            (*r.minor < 0 || *r.minor == access.minor) && (bits_of(r.access) & bit) != 0) {
          allowed = r.allow;
        }
      }
      if (!allowed) return 0;
    }
    return 1;
  };
  for (const auto& a : shapes) {
    for (const auto& b : shapes) {
      for (const auto& c : shapes) {
        for (const std::uint32_t type : {kChar, kBlock}) {
          for (std::uint32_t bits = 1; bits < 8; ++bits) {
            for (const std::uint32_t minor : {3u, 4u}) {
              const Access access{type, bits, 1, minor};
              ASSERT_EQ(judge({a, b, c}, access), plain({a, b, c}, access));
            }
          }
        }
      }
    }
  }
}

TEST(DeviceProgram, TellsTheHighestNumbersApart) {
  const std::vector<oci::DeviceRule> last{rule(true, "c", 4095, (1 << 20) - 1, "rwm")};
  EXPECT_EQ(judge(last, {kChar, kRead, 4095, (1 << 20) - 1}), 1);
  EXPECT_EQ(judge(last, {kChar, kRead, 4095, (1 << 20) - 2}), 0);
  EXPECT_EQ(judge(last, {kChar, kRead, 4094, (1 << 20) - 1}), 0);
}

// Each instruction costs every start about a microsecond.
TEST(DeviceProgram, OfDockersListIsShort) {
  const auto program = device_program(oci::default_device_rules());
  ASSERT_TRUE(program);
  EXPECT_LE(program->size(), 32u);
}

bool every_instruction_is_reached(const std::vector<bpf_insn>& program) {
  std::vector<bool> reached(program.size() + 1);
  reached[0] = true;
  // All jumps lead forward.
  for (std::size_t at = 0; at < program.size(); ++at) {
    if (!reached[at]) return false;
    const int kind = program[at].code & 0x07, operation = program[at].code & 0xf0;
    const bool jumps = (kind == BPF_JMP || kind == BPF_JMP32) && operation != BPF_EXIT;
    if (jumps) reached[at + 1 + static_cast<std::size_t>(program[at].off)] = true;
    const bool goes_on = !(kind == BPF_JMP && (operation == BPF_EXIT || operation == BPF_JA));
    if (goes_on) reached[at + 1] = true;
  }
  return true;
}

TEST(DeviceProgram, HasNoCodeThatTheKernelWouldRefuseAsUnreachable) {
  const auto all = [](bool allow) { return rule(allow, "a", -1, -1, "rwm"); };
  const auto null = rule(true, "c", 1, 3, "rwm");
  for (const auto& rules : std::vector<std::vector<oci::DeviceRule>>{{},
                                                                     {all(true)},
                                                                     {all(false)},
                                                                     {null},
                                                                     {all(false), null},
                                                                     {all(true), null},
                                                                     {null, all(true)},
                                                                     oci::default_device_rules()}) {
    const auto program = device_program(rules);
    ASSERT_TRUE(program);
    EXPECT_TRUE(every_instruction_is_reached(*program)) << rules.size();
  }
}

TEST(DeviceProgram, RefusesWhatIsNoRule) {
  EXPECT_FALSE(device_program({rule(true, "x", 1, 3, "r")}));
  EXPECT_FALSE(device_program({rule(true, "c", 1, 3, "rx")}));
  EXPECT_FALSE(device_program({rule(true, "c", 1, 3, "")}));
  EXPECT_FALSE(device_program({rule(true, "c", 4096, 3, "r")}));
  EXPECT_FALSE(device_program({rule(true, "c", 1, 1 << 20, "r")}));
}

}  // namespace
}  // namespace mycontainer::runtime::cgroup
