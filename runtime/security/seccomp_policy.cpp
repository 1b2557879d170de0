#include "runtime/security/seccomp_policy.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>

#include "runtime/oci/seccomp_names.h"
#include "runtime/security/seccomp_syscalls.h"

namespace mycontainer::runtime::security {
namespace {

struct NamedAction {
  std::string_view name;
  std::uint32_t value;
  std::optional<std::uint32_t> most_data = {};  // the largest errno it can carry
};
constexpr NamedAction kActions[] = {
    {"SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW},
    {"SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO, oci::kMaxSeccompErrno},
    {"SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD},
    {"SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD},
    {"SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS},
    {"SCMP_ACT_TRAP", SECCOMP_RET_TRAP},
    {"SCMP_ACT_TRACE", SECCOMP_RET_TRACE, oci::kMaxSeccompTrace},
    {"SCMP_ACT_LOG", SECCOMP_RET_LOG},
    {"SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF},
};

struct NamedOp {
  std::string_view name;
  ArgCheck::Op op;
};
constexpr NamedOp kOps[] = {
    {"SCMP_CMP_NE", ArgCheck::Op::kNotEqual},           {"SCMP_CMP_LT", ArgCheck::Op::kLess},
    {"SCMP_CMP_LE", ArgCheck::Op::kLessEqual},          {"SCMP_CMP_EQ", ArgCheck::Op::kEqual},
    {"SCMP_CMP_GE", ArgCheck::Op::kGreaterEqual},       {"SCMP_CMP_GT", ArgCheck::Op::kGreater},
    {"SCMP_CMP_MASKED_EQ", ArgCheck::Op::kMaskedEqual},
};

bool repeats_an_index(const std::vector<ArgCheck>& checks) {
  std::set<std::uint32_t> seen;
  return !std::all_of(checks.begin(), checks.end(),
                      [&](const ArgCheck& check) { return seen.insert(check.index).second; });
}

// One rule's arguments as clauses; several where an index repeats (see seccomp_compile.h).
Result<std::vector<Clause>> parse_clauses(const oci::SeccompRule& rule, std::uint32_t action) {
  std::vector<ArgCheck> checks;
  for (const oci::SeccompArg& arg : rule.args) {
    TRY(const ArgCheck check, parse_arg_check(arg));
    checks.push_back(check);
  }
  if (!repeats_an_index(checks)) return std::vector<Clause>{{std::move(checks), action}};
  std::vector<Clause> clauses;
  clauses.reserve(checks.size());
  for (const ArgCheck& check : checks) clauses.push_back({{check}, action});
  return clauses;
}

// A 32-bit caller's arguments have no upper half, and constants like -1 come sign-extended.
Clause narrowed(Clause clause) {
  for (ArgCheck& check : clause.checks) {
    check.value &= 0xffffffff;
    if (check.op == ArgCheck::Op::kMaskedEqual) check.mask &= 0xffffffff;
  }
  return clause;
}

// The multiplexer's first argument selects the call; what else it carries is memory that a filter
// cannot read, so conditions on the first argument cannot be kept (libseccomp does the same).
Clause selected(Clause clause, const SyscallNumber::Selector& selector) {
  std::erase_if(clause.checks, [](const ArgCheck& check) { return check.index == 0; });
  clause.checks.insert(clause.checks.begin(),
                       {0, ArgCheck::Op::kMaskedEqual, selector.value, selector.mask});
  return clause;
}

using NumberedClauses = std::vector<std::pair<std::uint32_t, Clause>>;

void add_rule(const SeccompArch& arch, const std::string& name, const std::vector<Clause>& clauses,
              NumberedClauses& out) {
  for (const SyscallNumber& way : resolve_syscall(arch, name)) {
    for (const Clause& clause : clauses) {
      Clause own = arch.wide ? clause : narrowed(clause);
      if (way.selector) own = selected(std::move(own), *way.selector);
      out.emplace_back(way.number, std::move(own));
    }
  }
}

std::vector<CallPolicy> by_number(NumberedClauses clauses) {
  std::stable_sort(clauses.begin(), clauses.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<CallPolicy> calls;
  for (auto& [number, clause] : clauses) {
    if (calls.empty() || calls.back().number != number) calls.push_back({number, {}});
    std::vector<Clause>& own = calls.back().clauses;
    if (own.size() == 1 && own.front().checks.empty()) continue;
    if (clause.checks.empty()) own.clear();
    own.push_back(std::move(clause));
  }
  return calls;
}

// Linux 5.1 and later give a new call the same number everywhere, from 424 on; x32 has a block of
// its own from 512 on.
constexpr std::uint32_t kFirstShared = 424, kX32Block = 512;

// After the youngest call that any rule names, one that says nothing included.
std::uint32_t first_unknown(const oci::Seccomp& seccomp, const SeccompArch& arch) {
  if (seccomp.default_action != "SCMP_ACT_ERRNO" || seccomp.syscalls.empty()) return 0;
  std::uint32_t unknown = kFirstShared;
  for (const oci::SeccompRule& rule : seccomp.syscalls) {
    for (const std::string& name : rule.names) {
      for (const SyscallNumber& way : resolve_syscall(arch, name)) {
        const std::uint32_t number = way.number & ~kX32Bit;
        if (number < kX32Block) unknown = std::max(unknown, number + 1);
      }
    }
  }
  return unknown;
}

struct ParsedRule {
  const oci::SeccompRule* rule;
  std::vector<Clause> clauses;
};

Result<std::vector<ParsedRule>> parse_rules(const oci::Seccomp& seccomp,
                                            std::uint32_t default_action) {
  std::vector<ParsedRule> rules;
  for (std::size_t i = 0; i < seccomp.syscalls.size(); ++i) {
    const oci::SeccompRule& rule = seccomp.syscalls[i];
    const auto context = [&] {
      return fmt::format("seccomp: rule {} ({})", i, rule.names.empty() ? "" : rule.names.front());
    };
    auto action = seccomp_action(rule.action, rule.errno_ret);
    if (!action) return within(context(), std::move(action).error());
    auto clauses = parse_clauses(rule, *action);
    if (!clauses) return within(context(), std::move(clauses).error());
    if (*action != default_action) rules.push_back({&rule, *std::move(clauses)});
  }
  return rules;
}

Result<std::vector<const SeccompArch*>> parse_archs(const std::vector<std::string>& names) {
  std::vector<const SeccompArch*> archs = {&native_seccomp_arch()};
  for (const std::string& name : names) {
    const SeccompArch* arch = find_seccomp_arch(name);
    const auto& known = oci::kSeccompArchitectures;
    if (arch == nullptr && std::find(known.begin(), known.end(), name) == known.end())
      return fail("seccomp: unknown architecture {}", name);
    if (arch == nullptr) continue;  // the kernel never runs a program of that kind
    if (std::find(archs.begin(), archs.end(), arch) == archs.end()) archs.push_back(arch);
  }
  return archs;
}

}  // namespace

Result<std::uint32_t> seccomp_action(const std::string& name, std::optional<std::uint32_t> data) {
  const auto* action =
      std::find_if(std::begin(kActions), std::end(kActions),
                   [&](const NamedAction& candidate) { return candidate.name == name; });
  if (action == std::end(kActions)) return fail("unknown action {}", name);
  if (!action->most_data) {
    if (data) return fail("{} does not take an errno", name);
    return action->value;
  }
  if (data > action->most_data)
    return fail("errno {} is out of range (0 to {})", *data, *action->most_data);
  return action->value | data.value_or(EPERM);
}

Result<ArgCheck> parse_arg_check(const oci::SeccompArg& arg) {
  const auto* op = std::find_if(std::begin(kOps), std::end(kOps),
                                [&](const NamedOp& candidate) { return candidate.name == arg.op; });
  if (op == std::end(kOps)) return fail("unknown operator {}", arg.op);
  if (arg.index >= oci::kSeccompArguments)
    return fail("argument {} does not exist (0 to 5)", arg.index);
  ArgCheck check{arg.index, op->op, arg.value};
  if (check.op == ArgCheck::Op::kMaskedEqual) {
    check.mask = arg.value;
    check.value = arg.value_two & arg.value;  // what libseccomp compares with
  }
  return check;
}

Result<SeccompPolicy> resolve_seccomp(const oci::Seccomp& seccomp) {
  auto default_action = seccomp_action(seccomp.default_action, seccomp.default_errno_ret);
  if (!default_action) return within("seccomp: default action", std::move(default_action).error());
  TRY(const auto rules, parse_rules(seccomp, *default_action));
  TRY(const auto archs, parse_archs(seccomp.architectures));
  SeccompPolicy policy;
  policy.default_action = *default_action;
  std::vector<NumberedClauses> clauses;
  for (const SeccompArch* arch : archs) {
    const auto same_audit = [&](const ArchPolicy& known) { return known.audit == arch->audit; };
    auto own = std::find_if(policy.archs.begin(), policy.archs.end(), same_audit);
    if (own == policy.archs.end()) {
      own = policy.archs.insert(own, ArchPolicy{arch->audit, false, false, {}, 0});
      clauses.emplace_back();
    }
    own->x86_64 |= arch->name == "SCMP_ARCH_X86_64";
    own->x32 |= arch->name == "SCMP_ARCH_X32";
    own->first_unknown = std::max(own->first_unknown, first_unknown(seccomp, *arch));
    NumberedClauses& target = clauses[static_cast<std::size_t>(own - policy.archs.begin())];
    for (const ParsedRule& rule : rules) {
      for (const std::string& name : rule.rule->names) add_rule(*arch, name, rule.clauses, target);
    }
  }
  for (std::size_t i = 0; i < policy.archs.size(); ++i)
    policy.archs[i].calls = by_number(std::move(clauses[i]));
  return policy;
}

}  // namespace mycontainer::runtime::security
