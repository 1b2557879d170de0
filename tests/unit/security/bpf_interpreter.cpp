#include "bpf_interpreter.h"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <set>

#include "reexec/sys/file.h"
#include "runtime/security/seccomp_policy.h"

namespace mycontainer::runtime::security {
namespace {

std::uint32_t word(const seccomp_data& call, std::uint32_t offset) {
  std::uint32_t value = 0;
  std::memcpy(&value, reinterpret_cast<const char*>(&call) + offset, sizeof(value));
  return value;
}

bool compare(const sock_filter& instruction, std::uint32_t accumulator) {
  switch (BPF_OP(instruction.code)) {
    case BPF_JEQ:
      return accumulator == instruction.k;
    case BPF_JGT:
      return accumulator > instruction.k;
    case BPF_JGE:
      return accumulator >= instruction.k;
    case BPF_JSET:
      return (accumulator & instruction.k) != 0;
    default:
      ADD_FAILURE() << "comparison " << instruction.code;
      return false;
  }
}

scmp_compare libseccomp_op(ArgCheck::Op op) {
  switch (op) {
    case ArgCheck::Op::kNotEqual:
      return SCMP_CMP_NE;
    case ArgCheck::Op::kLess:
      return SCMP_CMP_LT;
    case ArgCheck::Op::kLessEqual:
      return SCMP_CMP_LE;
    case ArgCheck::Op::kEqual:
      return SCMP_CMP_EQ;
    case ArgCheck::Op::kGreaterEqual:
      return SCMP_CMP_GE;
    case ArgCheck::Op::kGreater:
      return SCMP_CMP_GT;
    case ArgCheck::Op::kMaskedEqual:
      return SCMP_CMP_MASKED_EQ;
  }
  return SCMP_CMP_EQ;
}

void add_rule(scmp_filter_ctx filter, const oci::SeccompRule& rule, const std::string& name) {
  if (!libseccomp_knows(name)) return;
  const int number = ::seccomp_syscall_resolve_name(name.c_str());
  std::vector<scmp_arg_cmp> args;
  std::set<unsigned> indexes;
  for (const oci::SeccompArg& arg : rule.args) {
    const auto op = libseccomp_op(parse_arg_check(arg)->op);
    args.push_back({arg.index, op, arg.value, arg.value_two});
    indexes.insert(arg.index);
  }
  const std::uint32_t action = seccomp_action(rule.action, rule.errno_ret).value();
  const auto add = [&](unsigned count, const scmp_arg_cmp* first) {
    const int error = ::seccomp_rule_add_array(filter, action, number, count, first);
    EXPECT_EQ(error, 0) << name;
  };
  if (indexes.size() == args.size()) return add(static_cast<unsigned>(args.size()), args.data());
  for (const scmp_arg_cmp& arg : args) add(1, &arg);
}

std::string export_program(scmp_filter_ctx filter) {
  const UniqueFd file(::memfd_create("filter", MFD_CLOEXEC));
  EXPECT_EQ(::seccomp_export_bpf(filter, file.get()), 0);
  ::lseek(file.get(), 0, SEEK_SET);
  return sys::read_all(file.get()).value();
}

}  // namespace

std::uint32_t interpret(const std::string& program, const seccomp_data& call) {
  const std::size_t count = program.size() / sizeof(sock_filter);
  std::uint32_t accumulator = 0;
  for (std::size_t at = 0; at < count; ++at) {
    sock_filter instruction;
    std::memcpy(&instruction, program.data() + at * sizeof(instruction), sizeof(instruction));
    switch (instruction.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        accumulator = word(call, instruction.k);
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        accumulator &= instruction.k;
        break;
      case BPF_JMP | BPF_JA:
        at += instruction.k;
        break;
      case BPF_RET | BPF_K:
        return instruction.k;
      default:
        at += compare(instruction, accumulator) ? instruction.jt : instruction.jf;
    }
  }
  ADD_FAILURE() << "the program ends without a return";
  return 0;
}

std::string libseccomp_program(const oci::Seccomp& seccomp, unsigned optimize) {
  const std::uint32_t fallback =
      seccomp_action(seccomp.default_action, seccomp.default_errno_ret).value();
  const scmp_filter_ctx filter = ::seccomp_init(fallback);
  EXPECT_EQ(::seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, optimize), 0);
  for (const std::string& arch : seccomp.architectures) {
    std::string name = arch.substr(std::string("SCMP_ARCH_").size());
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    const int error = ::seccomp_arch_add(filter, ::seccomp_arch_resolve_name(name.c_str()));
    EXPECT_TRUE(error == 0 || error == -EEXIST) << arch;
  }
  for (const oci::SeccompRule& rule : seccomp.syscalls) {
    if (seccomp_action(rule.action, rule.errno_ret).value() == fallback) continue;
    for (const std::string& name : rule.names) add_rule(filter, rule, name);
  }
  std::string program = export_program(filter);
  ::seccomp_release(filter);
  return program;
}

bool libseccomp_knows(const std::string& name) {
  return ::seccomp_syscall_resolve_name(name.c_str()) != __NR_SCMP_ERROR;
}

std::vector<seccomp_data> sample_arguments() {
  std::vector<std::uint64_t> firsts = {
      0x20000,    0x20001,    0x20008,     0x3d0f00,    0x01200011,  0x02000000,
      0x04000000, 0x08000000, 0x10000000,  0x20000000,  0x40000000,  0x7e020000,
      0xfffffffe, 0xffffffff, 0x100000000, 0x100000001, 0x100000010, ~std::uint64_t{0}};
  for (std::uint64_t small = 0; small < 50; ++small) firsts.push_back(small);
  std::vector<seccomp_data> samples;
  for (const std::uint64_t first : firsts) {
    for (const std::uint64_t third : {0u, 9u}) {
      seccomp_data call{};
      call.args[0] = first;
      call.args[2] = third;
      samples.push_back(call);
    }
  }
  return samples;
}

std::vector<CallNumber> all_x86_calls() {
  constexpr std::uint32_t kX32 = 0x40000000;
  constexpr std::uint32_t kBeyondAll = 700;
  std::vector<CallNumber> calls;
  for (std::uint32_t number = 0; number < kBeyondAll; ++number) {
    calls.push_back({AUDIT_ARCH_X86_64, number});
    calls.push_back({AUDIT_ARCH_X86_64, number | kX32});
    calls.push_back({AUDIT_ARCH_I386, number});
    calls.push_back({AUDIT_ARCH_AARCH64, number});
  }
  for (const std::uint32_t number : {0x3fffffffu, 0x7fffffffu, 0x80000000u, 0xfffffffeu, ~0u}) {
    calls.push_back({AUDIT_ARCH_X86_64, number});
    calls.push_back({AUDIT_ARCH_I386, number});
  }
  return calls;
}

std::string describe(const CallNumber& call) {
  std::uint32_t token = call.audit;
  if (call.audit == AUDIT_ARCH_X86_64 && (call.number & 0x40000000)) token = SCMP_ARCH_X32;
  char* name = ::seccomp_syscall_resolve_num_arch(token, static_cast<int>(call.number));
  std::string text = token == SCMP_ARCH_X86_64 ? "x86_64 "
                     : token == SCMP_ARCH_X32  ? "x32 "
                     : token == SCMP_ARCH_X86  ? "x86 "
                                               : "foreign ";
  text += (name != nullptr ? name : "?") + std::string(" (") + std::to_string(call.number) + ")";
  ::free(name);
  return text;
}

}  // namespace mycontainer::runtime::security
