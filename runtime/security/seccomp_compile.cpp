#include "runtime/security/seccomp_compile.h"

#include <linux/bpf_common.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>

#include "runtime/security/bpf_assembler.h"
#include "runtime/security/seccomp_policy.h"
#include "runtime/security/seccomp_syscalls.h"

namespace mycontainer::runtime::security {
namespace {

using Label = BpfAssembler::Label;

constexpr std::uint32_t kNumberOffset = offsetof(seccomp_data, nr);
constexpr std::uint32_t kArchOffset = offsetof(seccomp_data, arch);
constexpr std::uint32_t kForeignArch = SECCOMP_RET_KILL_THREAD;  // libseccomp's choice
constexpr std::uint32_t kUnknownCall = SECCOMP_RET_ERRNO | ENOSYS;
constexpr std::uint32_t kSkippedCall = 0xffffffff;  // a tracer's "do not run this call" (-1)
constexpr std::uint64_t kBeyond32Bits = std::uint64_t{1} << 32;

constexpr std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
constexpr std::uint32_t high(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}
// The architectures of seccomp_syscalls.h are all little-endian: the low half comes first.
constexpr std::uint32_t low_offset(std::uint32_t index) {
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args)) + 8 * index;
}
constexpr std::uint32_t high_offset(std::uint32_t index) { return low_offset(index) + 4; }

// Numbers from `first` up to the next range's first are treated alike.
struct Range {
  std::uint32_t first = 0;
  std::uint32_t action = 0;
  const std::vector<Clause>* clauses = nullptr;  // decide instead of `action`
};

void append(std::vector<Range>& ranges, const Range& next) {
  if (!ranges.empty() && ranges.back().first == next.first) ranges.pop_back();
  if (!ranges.empty() && ranges.back().clauses == nullptr && next.clauses == nullptr &&
      ranges.back().action == next.action)
    return;
  ranges.push_back(next);
}

// What becomes of numbers that no rule names.
std::vector<Range> gaps_of(const ArchPolicy& arch, std::uint32_t fallback) {
  std::vector<Range> gaps;
  const auto add_convention = [&](std::uint32_t bit, bool is_listed) {
    append(gaps, {bit, is_listed ? fallback : kForeignArch, nullptr});
    if (is_listed && arch.first_unknown != 0)
      append(gaps, {bit | arch.first_unknown, kUnknownCall, nullptr});
  };
  add_convention(0, arch.x86_64 || !arch.x32);
  if (arch.x86_64 || arch.x32) add_convention(kX32Bit, arch.x32);
  append(gaps, {kSkippedCall, fallback, nullptr});
  return gaps;
}

// `from` up to, not including, `to`.
void append_gaps(std::vector<Range>& ranges, const std::vector<Range>& gaps, std::uint64_t from,
                 std::uint64_t to) {
  for (std::size_t i = 0; i < gaps.size() && gaps[i].first < to; ++i) {
    const std::uint64_t end = i + 1 < gaps.size() ? gaps[i + 1].first : kBeyond32Bits;
    if (end <= from) continue;
    append(ranges, {std::max(low(from), gaps[i].first), gaps[i].action, nullptr});
  }
}

std::vector<Range> ranges_of(const ArchPolicy& arch, std::uint32_t fallback) {
  const std::vector<Range> gaps = gaps_of(arch, fallback);
  std::vector<Range> ranges;
  std::uint64_t next = 0;
  for (const CallPolicy& call : arch.calls) {
    append_gaps(ranges, gaps, next, call.number);
    const bool always = call.clauses.front().checks.empty();
    append(ranges, {call.number, call.clauses.front().action, always ? nullptr : &call.clauses});
    next = std::uint64_t{call.number} + 1;
  }
  append_gaps(ranges, gaps, next, kBeyond32Bits);
  return ranges;
}

// Whether the value `v` of the argument passes.
bool holds(const ArgCheck& check, std::uint64_t v) {
  switch (check.op) {
    case ArgCheck::Op::kNotEqual:
      return v != check.value;
    case ArgCheck::Op::kLess:
      return v < check.value;
    case ArgCheck::Op::kLessEqual:
      return v <= check.value;
    case ArgCheck::Op::kEqual:
      return v == check.value;
    case ArgCheck::Op::kGreaterEqual:
      return v >= check.value;
    case ArgCheck::Op::kGreater:
      return v > check.value;
    case ArgCheck::Op::kMaskedEqual:
      return (v & check.mask) == check.value;
  }
  return false;
}

// Clauses that each compare the same one argument with small constants are a function of one
// number.
bool is_one_number(const std::vector<Clause>& clauses) {
  return std::all_of(clauses.begin(), clauses.end(), [&](const Clause& clause) {
    return clause.checks.size() == 1 && clause.checks[0].op != ArgCheck::Op::kMaskedEqual &&
           clause.checks[0].index == clauses[0].checks[0].index &&
           clause.checks[0].value < kBeyond32Bits;
  });
}

std::uint32_t action_for(const std::vector<Clause>& clauses, std::uint64_t v,
                         std::uint32_t fallback) {
  for (const Clause& clause : clauses) {
    if (holds(clause.checks[0], v)) return clause.action;
  }
  return fallback;
}

std::vector<Range> value_ranges(const std::vector<Clause>& clauses, std::uint32_t fallback) {
  std::vector<std::uint64_t> borders = {0};
  for (const Clause& clause : clauses) {
    borders.push_back(clause.checks[0].value);
    borders.push_back(clause.checks[0].value + 1);
  }
  std::sort(borders.begin(), borders.end());
  std::vector<Range> ranges;
  for (const std::uint64_t border : borders) {
    if (border < kBeyond32Bits)
      append(ranges, {low(border), action_for(clauses, border, fallback), nullptr});
  }
  return ranges;
}

// A range with a few single numbers in it that are treated otherwise, as the ranges A x A y A: one
// comparison for each exception instead of two.
using Stretch = std::span<const Range>;
constexpr std::size_t kExceptions = 2;  // asked about one after the other; measured best

bool alike(const Range& one, const Range& other) {
  return one.clauses == nullptr && other.clauses == nullptr && one.action == other.action;
}

std::vector<Stretch> stretches(std::span<const Range> ranges) {
  std::vector<Stretch> result;
  while (!ranges.empty()) {
    std::size_t size = 1;
    while (size + 1 < ranges.size() && size < 2 * kExceptions &&
           ranges[size + 1].first == ranges[size].first + 1 && alike(ranges[0], ranges[size + 1]))
      size += 2;
    result.push_back(ranges.first(size));
    ranges = ranges.subspan(size);
  }
  return result;
}

class Generator {
 public:
  explicit Generator(std::uint32_t fallback) : fallback_(fallback) {}

  std::string program(const std::vector<ArchPolicy>& archs) {
    Label next = code_.give_back(kForeignArch);
    for (auto arch = archs.rbegin(); arch != archs.rend(); ++arch) {
      const std::vector<Range> ranges = ranges_of(*arch, fallback_);
      const Label body = code_.load(kNumberOffset, tree(stretches(ranges)));
      next = code_.branch(BPF_JEQ, arch->audit, body, next);
    }
    return code_.finish(code_.load(kArchOffset, next));
  }

 private:
  Label tree(std::span<const Stretch> parts) {
    if (parts.size() == 1) return stretch(parts[0]);
    const std::size_t middle = parts.size() / 2;
    const Label upper = tree(parts.subspan(middle));
    const Label lower = tree(parts.first(middle));
    return code_.branch(BPF_JGE, parts[middle].front().first, upper, lower);
  }

  Label stretch(Stretch ranges) {
    Label label = leaf(ranges[0]);
    for (std::size_t i = 1; i < ranges.size(); i += 2)
      label = code_.branch(BPF_JEQ, ranges[i].first, leaf(ranges[i]), label);
    return label;
  }

  Label leaf(const Range& range) {
    return range.clauses == nullptr ? code_.give_back(range.action) : decide(*range.clauses);
  }

  // Several calls, and the same call on several architectures, have the same conditions.
  Label decide(const std::vector<Clause>& clauses) {
    const auto known = std::find_if(decided_.begin(), decided_.end(),
                                    [&](const auto& entry) { return *entry.first == clauses; });
    if (known != decided_.end()) return known->second;
    const Label label = is_one_number(clauses) ? by_value(clauses) : in_order(clauses);
    decided_.emplace_back(&clauses, label);
    return label;
  }

  Label by_value(const std::vector<Clause>& clauses) {
    const std::uint32_t index = clauses[0].checks[0].index;
    const std::uint32_t beyond = action_for(clauses, kBeyond32Bits, fallback_);
    const std::vector<Range> ranges = value_ranges(clauses, fallback_);
    const Label values = code_.load(low_offset(index), tree(stretches(ranges)));
    const Label split = code_.branch(BPF_JEQ, 0, values, code_.give_back(beyond));
    return code_.load(high_offset(index), split);
  }

  Label in_order(const std::vector<Clause>& clauses) {
    Label otherwise = code_.give_back(fallback_);
    for (auto clause = clauses.rbegin(); clause != clauses.rend(); ++clause) {
      Label pass = code_.give_back(clause->action);
      for (auto check = clause->checks.rbegin(); check != clause->checks.rend(); ++check)
        pass = compare(*check, pass, otherwise);
      otherwise = pass;
    }
    return otherwise;
  }

  Label compare(const ArgCheck& check, Label yes, Label no) {
    switch (check.op) {
      case ArgCheck::Op::kEqual:
        return equal(check, yes, no);
      case ArgCheck::Op::kNotEqual:
        return equal(check, no, yes);
      case ArgCheck::Op::kMaskedEqual:
        return masked(check, yes, no);
      case ArgCheck::Op::kGreater:
        return greater(check, BPF_JGT, yes, no);
      case ArgCheck::Op::kGreaterEqual:
        return greater(check, BPF_JGE, yes, no);
      case ArgCheck::Op::kLess:
        return greater(check, BPF_JGE, no, yes);
      case ArgCheck::Op::kLessEqual:
        return greater(check, BPF_JGT, no, yes);
    }
    return no;
  }

  Label equal(const ArgCheck& check, Label yes, Label no) {
    const Label lower =
        code_.load(low_offset(check.index), code_.branch(BPF_JEQ, low(check.value), yes, no));
    return code_.load(high_offset(check.index),
                      code_.branch(BPF_JEQ, high(check.value), lower, no));
  }

  Label masked(const ArgCheck& check, Label yes, Label no) {
    Label next = code_.branch(BPF_JEQ, low(check.value), yes, no);
    next = code_.load(low_offset(check.index), code_.mask(low(check.mask), next));
    if (high(check.mask) == 0 && high(check.value) == 0) return next;
    next = code_.branch(BPF_JEQ, high(check.value), next, no);
    return code_.load(high_offset(check.index), code_.mask(high(check.mask), next));
  }

  Label greater(const ArgCheck& check, std::uint16_t comparison, Label yes, Label no) {
    Label next =
        code_.load(low_offset(check.index), code_.branch(comparison, low(check.value), yes, no));
    next = code_.branch(BPF_JEQ, high(check.value), next, no);
    next = code_.branch(BPF_JGT, high(check.value), yes, next);
    return code_.load(high_offset(check.index), next);
  }

  std::uint32_t fallback_;
  BpfAssembler code_;
  std::vector<std::pair<const std::vector<Clause>*, Label>> decided_;
};

bool is_jump(std::uint16_t code) {
  return code == (BPF_JMP | BPF_JEQ | BPF_K) || code == (BPF_JMP | BPF_JGT | BPF_K) ||
         code == (BPF_JMP | BPF_JGE | BPF_K);
}

// `ahead` is how many instructions follow this one.
bool valid_instruction(const sock_filter& instruction, std::size_t ahead) {
  if (is_jump(instruction.code)) return instruction.jt < ahead && instruction.jf < ahead;
  switch (instruction.code) {
    case BPF_LD | BPF_W | BPF_ABS:
      return instruction.k < sizeof(seccomp_data) && instruction.k % 4 == 0 && ahead > 0;
    case BPF_ALU | BPF_AND | BPF_K:
      return ahead > 0;
    case BPF_JMP | BPF_JA:
      return instruction.k < ahead;
    case BPF_RET | BPF_K:
      return true;
    default:
      return false;
  }
}

struct NamedFlag {
  std::string_view name;
  unsigned bit;
};
constexpr NamedFlag kFlags[] = {
    {"SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC},
    {"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
    {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
    {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV},
};

bool notifies(const oci::Seccomp& seccomp) {
  return seccomp.default_action == "SCMP_ACT_NOTIFY" ||
         std::any_of(seccomp.syscalls.begin(), seccomp.syscalls.end(),
                     [](const oci::SeccompRule& rule) { return rule.action == "SCMP_ACT_NOTIFY"; });
}

}  // namespace

Result<std::string> compile_seccomp(const oci::Seccomp& seccomp) {
  TRY(const SeccompPolicy policy, resolve_seccomp(seccomp));
  std::string program = Generator(policy.default_action).program(policy.archs);
  const std::size_t size = program.size() / sizeof(sock_filter);
  if (size > BPF_MAXINSNS)
    return fail("seccomp: the profile needs {} instructions, the kernel takes {}", size,
                BPF_MAXINSNS);
  return program;
}

Result<unsigned> seccomp_flags(const oci::Seccomp& seccomp) {
  unsigned flags = 0;
  for (const std::string& name : seccomp.flags) {
    const auto* flag = std::find_if(std::begin(kFlags), std::end(kFlags),
                                    [&](const NamedFlag& known) { return known.name == name; });
    if (flag == std::end(kFlags)) return fail("seccomp: unknown flag {}", name);
    flags |= flag->bit;
  }
  // How to wait says nothing where nobody waits, and the kernel refuses it (seccomp(2)).
  if (!notifies(seccomp)) return flags & ~SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
  // Only one of the two could return a value otherwise.
  if (flags & SECCOMP_FILTER_FLAG_TSYNC) flags |= SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
  return flags;
}

bool valid_seccomp_program(std::string_view program) {
  const std::size_t count = program.size() / sizeof(sock_filter);
  if (program.size() % sizeof(sock_filter) != 0 || count == 0 || count > BPF_MAXINSNS) return false;
  sock_filter last{};
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(&last, program.data() + i * sizeof(sock_filter), sizeof(last));
    if (!valid_instruction(last, count - 1 - i)) return false;
  }
  return last.code == (BPF_RET | BPF_K);
}

}  // namespace mycontainer::runtime::security
