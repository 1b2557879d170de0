#include "runtime/cgroup/device_program.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace mycontainer::runtime::cgroup {

namespace {

// What the program keeps where. r1 is the context on entry (struct bpf_cgroup_dev_ctx), r0 the
// verdict on exit. kNumber is major << 20 | minor, the kernel's own dev_t, so that one comparison
// tells a device: what the kernel verifies is paid for by each start, about 1 us an instruction.
constexpr std::uint8_t kVerdict = BPF_REG_0, kContext = BPF_REG_1, kAsked = BPF_REG_2,
                       kType = BPF_REG_3, kMajor = BPF_REG_4, kNumber = BPF_REG_5;
constexpr int kAllAccess = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;
constexpr int kMinorBits = 20, kMajorMax = (1 << 12) - 1, kMinorMax = (1 << kMinorBits) - 1;
constexpr std::size_t kMaxRules = 4000;         // jumps are 16 bits wide
constexpr char kProgramName[] = "mycontainer";  // by which it is known again
static_assert(sizeof(kProgramName) <= BPF_OBJ_NAME_LEN);

struct Rule {
  int type = 0;  // 0: any
  int access = 0;
  int major = -1, minor = -1;  // -1: any
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

Result<int> number_of(const std::optional<std::int64_t>& number, int most) {
  if (!number || *number < 0) return -1;
  if (*number > most) return fail("device rule: number {} is over {}", *number, most);
  return static_cast<int>(*number);
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
  TRY(parsed.major, number_of(rule.major, kMajorMax));
  TRY(parsed.minor, number_of(rule.minor, kMinorMax));
  return parsed;
}

bool matches_everything(const Rule& rule) {
  return rule.type == 0 && rule.major < 0 && rule.minor < 0 && rule.access == kAllAccess;
}

// Writes the program rule by rule. Jumps to the two verdicts, which stand at its end, are set last.
class Assembler {
 public:
  Assembler() {
    constexpr int kLoad = BPF_LDX | BPF_MEM | BPF_W;
    // access_type is (access << 16) | type.
    put(kLoad, kAsked, offsetof(bpf_cgroup_dev_ctx, access_type), 0, kContext);
    put(kLoad, kMajor, offsetof(bpf_cgroup_dev_ctx, major), 0, kContext);
    put(kLoad, kNumber, offsetof(bpf_cgroup_dev_ctx, minor), 0, kContext);
    put(BPF_ALU64 | BPF_MOV | BPF_X, kType, 0, 0, kAsked);
    put(BPF_ALU64 | BPF_AND | BPF_K, kType, 0, 0xffff);
    put(BPF_ALU64 | BPF_RSH | BPF_K, kAsked, 0, 16);
    put(BPF_ALU64 | BPF_MOV | BPF_X, kVerdict, 0, 0, kMajor);
    put(BPF_ALU64 | BPF_LSH | BPF_K, kVerdict, 0, kMinorBits);
    put(BPF_ALU64 | BPF_OR | BPF_X, kNumber, 0, 0, kVerdict);
  }

  void add(const Rule& rule) {
    if (rule.type != type_) open_group(rule.type);
    if (rule.access != kAllAccess) {
      add_partial(rule);
    } else {
      add_whole(rule);
    }
  }

  // `otherwise` is the verdict on what no rule matched. The kernel refuses code that nothing
  // reaches, so the other verdict is there only if a rule leads to it.
  std::vector<bpf_insn> finish(bool otherwise) {
    open_group(0);
    for (const bool verdict : {otherwise, !otherwise}) {
      const std::vector<std::size_t>& jumps = verdict ? allowances_ : denials_;
      if (verdict != otherwise && jumps.empty()) continue;
      const std::size_t target = put_verdict(verdict ? 1 : 0);
      for (const std::size_t jump : jumps) aim(jump, target);
    }
    return std::move(program_);
  }

 private:
  std::size_t put(int code, std::uint8_t destination, int offset, int value,
                  std::uint8_t source = 0) {
    program_.push_back(instruction(code, destination, offset, value, source));
    return program_.size() - 1;
  }
  std::size_t put_verdict(int verdict) {
    const std::size_t at = put(BPF_ALU64 | BPF_MOV | BPF_K, kVerdict, 0, verdict);
    put(BPF_JMP | BPF_EXIT, 0, 0, 0);
    return at;
  }
  void aim(std::size_t jump, std::size_t target) {
    program_[jump].off = static_cast<std::int16_t>(target - jump - 1);
  }
  void put_jump_to_verdict(bool allow, int code, std::uint8_t where = 0, int value = 0) {
    (allow ? allowances_ : denials_).push_back(put(code, where, 0, value));
  }

  // Neighbouring rules of one type share one test of it.
  void open_group(int type) {
    if (type_ != 0) aim(group_, program_.size());
    type_ = type;
    if (type != 0) group_ = put(BPF_JMP | BPF_JNE | BPF_K, kType, 0, type);
  }

  // A test of the device's number, by `how` (BPF_JEQ, BPF_JNE); no test when every number matches.
  struct Test {
    int code;
    std::uint8_t where;
    int value;
  };
  std::optional<Test> test_of(const Rule& rule, int how) {
    if (rule.major >= 0 && rule.minor >= 0) {
      const auto number =
          static_cast<unsigned>(rule.major) << kMinorBits | static_cast<unsigned>(rule.minor);
      return Test{BPF_JMP32 | how | BPF_K, kNumber, static_cast<int>(number)};
    }
    if (rule.major >= 0) return Test{BPF_JMP32 | how | BPF_K, kMajor, rule.major};
    if (rule.minor < 0) return {};
    put(BPF_ALU64 | BPF_MOV | BPF_X, kVerdict, 0, 0, kNumber);
    put(BPF_ALU64 | BPF_AND | BPF_K, kVerdict, 0, kMinorMax);
    return Test{BPF_JMP32 | how | BPF_K, kVerdict, rule.minor};
  }

  void add_whole(const Rule& rule) {
    if (const auto test = test_of(rule, BPF_JEQ)) {
      put_jump_to_verdict(rule.allow, test->code, test->where, test->value);
    } else {
      put_jump_to_verdict(rule.allow, BPF_JMP | BPF_JA);
    }
  }

  // An allowance takes its bits off what is asked, and nothing left is allowed; a denial of any bit
  // denies.
  void add_partial(const Rule& rule) {
    std::optional<std::size_t> skip;
    if (const auto test = test_of(rule, BPF_JNE)) {
      skip = put(test->code, test->where, 0, test->value);
    }
    if (rule.allow) {
      put(BPF_ALU64 | BPF_AND | BPF_K, kAsked, 0, ~rule.access);
      put_jump_to_verdict(true, BPF_JMP | BPF_JEQ | BPF_K, kAsked, 0);
    } else {
      put_jump_to_verdict(false, BPF_JMP | BPF_JSET | BPF_K, kAsked, rule.access);
    }
    if (skip) aim(*skip, program_.size());
  }

  std::vector<bpf_insn> program_;
  std::vector<std::size_t> allowances_, denials_;
  std::size_t group_ = 0;  // the test of type_
  int type_ = 0;
};

long bpf(int command, bpf_attr& attributes) {
  return ::syscall(SYS_bpf, command, &attributes, sizeof(attributes));
}

// Before Linux 5.11 a program is charged as locked memory, of which a user has little.
long load_over_the_memlock_limit(bpf_attr& attributes) {
  rlimit old{};
  if (::getrlimit(RLIMIT_MEMLOCK, &old) != 0) return -1;
  const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
  if (::setrlimit(RLIMIT_MEMLOCK, &none) != 0) return -1;
  const long fd = bpf(BPF_PROG_LOAD, attributes);
  const int code = errno;
  ::setrlimit(RLIMIT_MEMLOCK, &old);  // the container inherits it
  errno = code;
  return fd;
}

}  // namespace

Result<std::vector<bpf_insn>> device_program(const std::vector<oci::DeviceRule>& rules) {
  if (rules.size() > kMaxRules) return fail("device rules: more than {}", kMaxRules);
  Assembler assembler;
  bool decided = false, otherwise = false;
  // From the last rule on, so that the first match decides.
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    TRY(const Rule parsed, rule_of(*rule));
    if (decided) continue;  // checked only: the kernel refuses dead code
    decided = matches_everything(parsed);
    if (decided) {
      otherwise = parsed.allow;
    } else {
      assembler.add(parsed);
    }
  }
  return assembler.finish(otherwise);
}

Result<UniqueFd> load_device_program(const std::vector<bpf_insn>& program) {
  static constexpr char kLicense[] = "Apache-2.0";  // calls no helper, so none has to be the GPL
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = reinterpret_cast<std::uintptr_t>(program.data());
  attributes.insn_cnt = static_cast<std::uint32_t>(program.size());
  attributes.license = reinterpret_cast<std::uintptr_t>(kLicense);
  std::memcpy(attributes.prog_name, kProgramName, sizeof(kProgramName));
  long fd = bpf(BPF_PROG_LOAD, attributes);  // close-on-exec by itself
  if (fd < 0 && errno == EPERM) fd = load_over_the_memlock_limit(attributes);
  if (fd < 0) return fail_errno("load the device program");
  return UniqueFd(static_cast<int>(fd));
}

namespace {

// Beside programs of the cgroups above and below.
bpf_attr attachment(int cgroup, int program) {
  bpf_attr attributes{};
  attributes.target_fd = static_cast<std::uint32_t>(cgroup);
  attributes.attach_bpf_fd = static_cast<std::uint32_t>(program);
  attributes.attach_type = BPF_CGROUP_DEVICE;
  attributes.attach_flags = BPF_F_ALLOW_MULTI;
  return attributes;
}

Result<std::vector<std::uint32_t>> attached_ids(int cgroup) {
  constexpr std::uint32_t kMostPrograms = 64;  // the kernel's own limit for one cgroup
  std::vector<std::uint32_t> ids(kMostPrograms);
  bpf_attr attributes{};
  attributes.query.target_fd = static_cast<std::uint32_t>(cgroup);
  attributes.query.attach_type = BPF_CGROUP_DEVICE;
  attributes.query.prog_ids = reinterpret_cast<std::uintptr_t>(ids.data());
  attributes.query.prog_cnt = kMostPrograms;
  if (bpf(BPF_PROG_QUERY, attributes) < 0) return fail_errno("list the device programs");
  ids.resize(attributes.query.prog_cnt);
  return ids;
}

// A descriptor of the program when it is ours.
UniqueFd open_ours(std::uint32_t id) {
  bpf_attr by_id{};
  by_id.prog_id = id;
  UniqueFd program(static_cast<int>(bpf(BPF_PROG_GET_FD_BY_ID, by_id)));
  bpf_prog_info info{};
  bpf_attr question{};
  question.info.bpf_fd = static_cast<std::uint32_t>(program.get());
  question.info.info_len = sizeof(info);
  question.info.info = reinterpret_cast<std::uintptr_t>(&info);
  if (!program || bpf(BPF_OBJ_GET_INFO_BY_FD, question) < 0) return {};
  return std::strcmp(info.name, kProgramName) == 0 ? std::move(program) : UniqueFd();
}

bool swap_programs(int cgroup, int program, int old) {
  bpf_attr attributes = attachment(cgroup, program);
  attributes.attach_flags |= BPF_F_REPLACE;
  attributes.replace_bpf_fd = static_cast<std::uint32_t>(old);
  return bpf(BPF_PROG_ATTACH, attributes) == 0;
}

}  // namespace

Result<void> attach_device_program(int cgroup, int program) {
  bpf_attr attributes = attachment(cgroup, program);
  if (bpf(BPF_PROG_ATTACH, attributes) < 0) return fail_errno("attach the device program");
  return {};
}

Result<void> replace_device_program(int cgroup, int program) {
  TRY(const std::vector<std::uint32_t> ids, attached_ids(cgroup));
  std::vector<UniqueFd> ours;
  for (const std::uint32_t id : ids) {
    if (UniqueFd old = open_ours(id)) ours.push_back(std::move(old));
  }
  if (!ours.empty() && swap_programs(cgroup, program, ours.back().get())) {
    ours.pop_back();
  } else {
    TRY_VOID(attach_device_program(cgroup, program));
  }
  for (const UniqueFd& old : ours) {
    bpf_attr attributes = attachment(cgroup, old.get());
    if (bpf(BPF_PROG_DETACH, attributes) < 0) return fail_errno("detach a device program");
  }
  return {};
}

}  // namespace mycontainer::runtime::cgroup
