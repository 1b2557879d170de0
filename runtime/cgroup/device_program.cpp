#include "runtime/cgroup/device_program.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <string>

namespace mycontainer::runtime::cgroup {

namespace {

// What the program keeps where. r1 is the context on entry (struct bpf_cgroup_dev_ctx), r0 the
// verdict on exit.
constexpr std::uint8_t kVerdict = BPF_REG_0, kContext = BPF_REG_1, kAsked = BPF_REG_2,
                       kType = BPF_REG_3, kMajor = BPF_REG_4, kMinor = BPF_REG_5;
constexpr int kAllAccess = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;

struct Rule {
  int type = 0;  // 0: any
  int access = 0;
  std::int64_t major = -1, minor = -1;  // -1: any
  bool allow = false;
};

bpf_insn instruction(int code, std::uint8_t destination, int offset, int value,
                     std::uint8_t source = 0) {
  bpf_insn made{};
  made.code = static_cast<std::uint8_t>(code);
  made.dst_reg = destination & 15u;
  made.src_reg = source & 15u;
  made.off = static_cast<std::int16_t>(offset);
  made.imm = value;
  return made;
}

Result<int> access_of(const std::string& letters) {
  int access = 0;
  for (const char letter : letters) {
    switch (letter) {
      case 'r':
        access |= BPF_DEVCG_ACC_READ;
        break;
      case 'w':
        access |= BPF_DEVCG_ACC_WRITE;
        break;
      case 'm':
        access |= BPF_DEVCG_ACC_MKNOD;
        break;
      default:
        return fail("device rule: access \"{}\"", letters);
    }
  }
  if (access == 0) return fail("device rule: no access named");
  return access;
}

Result<std::int64_t> number_of(const std::optional<std::int64_t>& number) {
  if (!number || *number < 0) return -1;
  if (*number > INT32_MAX) return fail("device rule: number {} is too large", *number);
  return *number;
}

Result<Rule> rule_of(const oci::DeviceRule& rule) {
  Rule parsed;
  parsed.allow = rule.allow;
  if (rule.type == "c") {
    parsed.type = BPF_DEVCG_DEV_CHAR;
  } else if (rule.type == "b") {
    parsed.type = BPF_DEVCG_DEV_BLOCK;
  } else if (!rule.type.empty() && rule.type != "a") {
    return fail("device rule: type \"{}\"", rule.type);
  }
  TRY(parsed.access, access_of(rule.access));
  TRY(parsed.major, number_of(rule.major));
  TRY(parsed.minor, number_of(rule.minor));
  return parsed;
}

bool matches_everything(const Rule& rule) {
  return rule.type == 0 && rule.major < 0 && rule.minor < 0 && rule.access == kAllAccess;
}

void append_verdict(std::vector<bpf_insn>& program, int verdict) {
  program.push_back(instruction(BPF_ALU64 | BPF_MOV | BPF_K, kVerdict, 0, verdict));
  program.push_back(instruction(BPF_JMP | BPF_EXIT, 0, 0, 0));
}

// What happens to a device that the rule matches.
std::vector<bpf_insn> effect_of(const Rule& rule) {
  std::vector<bpf_insn> effect;
  if (rule.access == kAllAccess) {
    append_verdict(effect, rule.allow ? 1 : 0);
  } else if (rule.allow) {  // takes its bits off what is asked; nothing left: allowed
    effect.push_back(instruction(BPF_ALU64 | BPF_AND | BPF_K, kAsked, 0, ~rule.access));
    effect.push_back(instruction(BPF_JMP | BPF_JNE | BPF_K, kAsked, 2, 0));
    append_verdict(effect, 1);
  } else {
    constexpr int kOver = BPF_JMP | BPF_JA;
    effect.push_back(instruction(BPF_JMP | BPF_JSET | BPF_K, kAsked, 1, rule.access));
    effect.push_back(instruction(kOver, 0, 2, 0));
    append_verdict(effect, 0);
  }
  return effect;
}

void append_rule(std::vector<bpf_insn>& program, const Rule& rule) {
  const std::vector<bpf_insn> effect = effect_of(rule);
  std::vector<std::pair<std::uint8_t, int>> conditions;
  if (rule.type != 0) conditions.emplace_back(kType, rule.type);
  if (rule.major >= 0) conditions.emplace_back(kMajor, static_cast<int>(rule.major));
  if (rule.minor >= 0) conditions.emplace_back(kMinor, static_cast<int>(rule.minor));
  std::size_t skip = conditions.size() - 1 + effect.size();
  for (const auto& [where, value] : conditions) {
    program.push_back(
        instruction(BPF_JMP | BPF_JNE | BPF_K, where, static_cast<int>(skip--), value));
  }
  program.insert(program.end(), effect.begin(), effect.end());
}

// access_type is (access << 16) | type.
std::vector<bpf_insn> prologue() {
  constexpr int kLoad = BPF_LDX | BPF_MEM | BPF_W;
  return {instruction(kLoad, kAsked, offsetof(bpf_cgroup_dev_ctx, access_type), 0, kContext),
          instruction(kLoad, kMajor, offsetof(bpf_cgroup_dev_ctx, major), 0, kContext),
          instruction(kLoad, kMinor, offsetof(bpf_cgroup_dev_ctx, minor), 0, kContext),
          instruction(BPF_ALU64 | BPF_MOV | BPF_X, kType, 0, 0, kAsked),
          instruction(BPF_ALU64 | BPF_AND | BPF_K, kType, 0, 0xffff),
          instruction(BPF_ALU64 | BPF_RSH | BPF_K, kAsked, 0, 16)};
}

long bpf(int command, bpf_attr& attributes) {
  return ::syscall(SYS_bpf, command, &attributes, sizeof(attributes));
}

}  // namespace

Result<std::vector<bpf_insn>> device_program(const std::vector<oci::DeviceRule>& rules) {
  std::vector<bpf_insn> program = prologue();
  bool open_end = true;
  // From the last rule on, so that the first match decides.
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    TRY(const Rule parsed, rule_of(*rule));
    if (!open_end) continue;  // checked, but a later rule matches everything
    append_rule(program, parsed);
    open_end = !matches_everything(parsed);
  }
  if (open_end) append_verdict(program, 0);
  return program;
}

Result<UniqueFd> load_device_program(const std::vector<bpf_insn>& program) {
  static constexpr char kLicense[] = "Apache-2.0";  // calls no helper, so none has to be the GPL
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = reinterpret_cast<std::uintptr_t>(program.data());
  attributes.insn_cnt = static_cast<std::uint32_t>(program.size());
  attributes.license = reinterpret_cast<std::uintptr_t>(kLicense);
  const long fd = bpf(BPF_PROG_LOAD, attributes);  // close-on-exec by itself
  if (fd < 0) return fail_errno("load the device program");
  return UniqueFd(static_cast<int>(fd));
}

Result<void> attach_device_program(int cgroup, int program) {
  bpf_attr attributes{};
  attributes.target_fd = static_cast<std::uint32_t>(cgroup);
  attributes.attach_bpf_fd = static_cast<std::uint32_t>(program);
  attributes.attach_type = BPF_CGROUP_DEVICE;
  attributes.attach_flags = BPF_F_ALLOW_MULTI;  // beside programs of the cgroups above and below
  if (bpf(BPF_PROG_ATTACH, attributes) < 0) return fail_errno("attach the device program");
  return {};
}

}  // namespace mycontainer::runtime::cgroup
