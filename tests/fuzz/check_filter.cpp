#include "tests/fuzz/check_filter.h"

#include <fmt/core.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "runtime/security/seccomp_policy.h"
#include "runtime/security/seccomp_syscalls.h"

namespace mycontainer::fuzz {
namespace {

using namespace runtime::security;

constexpr std::size_t kSampledCalls = 16, kSampledClauses = 8;  // of each architecture, of a call
constexpr std::uint32_t kSkippedCall = 0xffffffff;              // a tracer's "do not run this"

std::uint32_t word(const seccomp_data& call, std::uint32_t offset) {
  std::uint32_t value = 0;
  std::memcpy(&value, reinterpret_cast<const char*>(&call) + offset, sizeof(value));
  return value;
}

bool jumps(const sock_filter& instruction, std::uint32_t accumulator) {
  if (BPF_OP(instruction.code) == BPF_JEQ) return accumulator == instruction.k;
  if (BPF_OP(instruction.code) == BPF_JGT) return accumulator > instruction.k;
  return accumulator >= instruction.k;
}

// `program` passed valid_seccomp_program().
std::uint32_t run(const std::vector<sock_filter>& program, const seccomp_data& call) {
  std::uint32_t accumulator = 0;
  for (std::size_t at = 0;; ++at) {
    const sock_filter& instruction = program.at(at);
    if (instruction.code == (BPF_RET | BPF_K)) return instruction.k;
    if (instruction.code == (BPF_LD | BPF_W | BPF_ABS))
      accumulator = word(call, instruction.k);
    else if (instruction.code == (BPF_ALU | BPF_AND | BPF_K))
      accumulator &= instruction.k;
    else if (instruction.code == (BPF_JMP | BPF_JA))
      at += instruction.k;
    else
      at += jumps(instruction, accumulator) ? instruction.jt : instruction.jf;
  }
}

bool holds(const ArgCheck& check, const seccomp_data& call) {
  const std::uint64_t v = call.args[check.index];
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

std::uint32_t answer(const SeccompPolicy& policy, const seccomp_data& call) {
  const auto nr = static_cast<std::uint32_t>(call.nr);
  const auto arch = std::ranges::find(policy.archs, call.arch, &ArchPolicy::audit);
  if (arch == policy.archs.end()) return SECCOMP_RET_KILL_THREAD;
  if (arch->x86_64 && !arch->x32 && nr >= kX32Bit && nr != kSkippedCall)
    return SECCOMP_RET_KILL_THREAD;
  const auto own = std::ranges::find(arch->calls, nr, &CallPolicy::number);
  if (own == arch->calls.end()) return policy.default_action;
  for (const Clause& clause : own->clauses)
    if (std::ranges::all_of(clause.checks, [&](const auto& check) { return holds(check, call); }))
      return clause.action;
  return policy.default_action;
}

// A 32-bit call has no upper halves.
void narrow(seccomp_data& call) {
  if (call.arch == AUDIT_ARCH_I386 || call.arch == AUDIT_ARCH_ARM)
    for (auto& argument : call.args) argument &= 0xffffffff;
}

using Calls = std::vector<seccomp_data>;

// Arguments that pass all checks of `clause`, and some that miss each by little.
void sample_clause(seccomp_data call, const Clause& clause, Calls& calls) {
  for (const ArgCheck& check : clause.checks) call.args[check.index] = check.value;
  calls.push_back(call);
  for (const ArgCheck& check : clause.checks) {
    for (const std::uint64_t near :
         {check.value - 1, check.value + 1, check.value ^ (std::uint64_t{1} << 32),
          check.value | ~check.mask, check.mask}) {
      calls.push_back(call);
      calls.back().args[check.index] = near;
    }
  }
}

void sample_number(std::uint32_t audit, std::uint32_t number, Calls& calls) {
  seccomp_data call{};
  call.arch = audit;
  call.nr = static_cast<int>(number);
  calls.push_back(call);
}

Calls sample(const SeccompPolicy& policy) {
  Calls calls;
  sample_number(AUDIT_ARCH_MIPS, 1, calls);
  for (const ArchPolicy& arch : policy.archs) {
    for (const std::uint32_t number :
         {0u, kX32Bit - 1, kX32Bit, kX32Bit + 1, kSkippedCall - 1, kSkippedCall})
      sample_number(arch.audit, number, calls);
    for (std::size_t i = 0; i < arch.calls.size(); i += arch.calls.size() / kSampledCalls + 1) {
      const CallPolicy& own = arch.calls[i];
      sample_number(arch.audit, own.number - 1, calls);
      sample_number(arch.audit, own.number + 1, calls);
      sample_number(arch.audit, own.number, calls);
      const seccomp_data plain = calls.back();
      for (std::size_t k = 0; k < std::min(own.clauses.size(), kSampledClauses); ++k)
        sample_clause(plain, own.clauses[k], calls);
    }
  }
  std::ranges::for_each(calls, narrow);
  return calls;
}

}  // namespace

std::string check_filter(const runtime::oci::Seccomp& seccomp, const std::string& program) {
  if (!valid_seccomp_program(program)) return "the kernel would refuse the seccomp filter";
  std::vector<sock_filter> instructions(program.size() / sizeof(sock_filter));
  std::memcpy(instructions.data(), program.data(), program.size());
  const auto policy = resolve_seccomp(seccomp);
  if (!policy) return "compiled, but not resolved: " + policy.error().message();
  for (const seccomp_data& call : sample(*policy)) {
    const std::uint32_t is = run(instructions, call), ought = answer(*policy, call);
    if (is != ought)
      return fmt::format("the filter answers {:#x} instead of {:#x} to call {} of {:#x}", is, ought,
                         call.nr, call.arch);
  }
  return {};
}

}  // namespace mycontainer::fuzz
