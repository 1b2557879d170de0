#include "runtime/security/seccomp_syscalls.h"

#include <linux/audit.h>
#include <seccomp.h>

#include <algorithm>
#include <iterator>

namespace mycontainer::runtime::security {
namespace {

// What a kernel of this machine runs, the native one first.
constexpr SeccompArch kArchs[] = {
#if defined(__x86_64__)
    {"SCMP_ARCH_X86_64", SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, true},
    {"SCMP_ARCH_X86", SCMP_ARCH_X86, AUDIT_ARCH_I386, false},
    {"SCMP_ARCH_X32", SCMP_ARCH_X32, AUDIT_ARCH_X86_64, true},
#elif defined(__i386__)
    {"SCMP_ARCH_X86", SCMP_ARCH_X86, AUDIT_ARCH_I386, false},
#elif defined(__aarch64__)
    {"SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64, AUDIT_ARCH_AARCH64, true},
    {"SCMP_ARCH_ARM", SCMP_ARCH_ARM, AUDIT_ARCH_ARM, false},
#elif defined(__arm__)
    {"SCMP_ARCH_ARM", SCMP_ARCH_ARM, AUDIT_ARCH_ARM, false},
#elif defined(__riscv) && __riscv_xlen == 64
    {"SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64, AUDIT_ARCH_RISCV64, true},
#else
#error "no seccomp table for this architecture"
#endif
};

struct Number {
  std::string_view name;
  std::uint32_t number;
};

// Calls younger than Debian 12's libseccomp (2.5.4). Since 5.1 a new call has the same number
// everywhere (include/uapi/asm-generic/unistd.h).
constexpr Number kNewCalls[] = {
    {"cachestat", 451},         {"fchmodat2", 452},        {"map_shadow_stack", 453},
    {"futex_wake", 454},        {"futex_wait", 455},       {"futex_requeue", 456},
    {"statmount", 457},         {"listmount", 458},        {"lsm_get_self_attr", 459},
    {"lsm_set_self_attr", 460}, {"lsm_list_modules", 461}, {"mseal", 462},
    {"setxattrat", 463},        {"getxattrat", 464},       {"listxattrat", 465},
    {"removexattrat", 466},     {"open_tree_attr", 467},   {"file_getattr", 468},
    {"file_setattr", 469},
};
// x86-64 alone (arch/x86/entry/syscalls/syscall_64.tbl).
constexpr Number kNewX8664Calls[] = {{"uretprobe", 335}, {"uprobe", 336}};

// The direct numbers of calls that libseccomp reports for 32-bit x86 as multiplexed only
// (arch/x86/entry/syscalls/syscall_32.tbl, Linux 4.3 and 5.1).
constexpr Number kX86Direct[] = {
    {"socket", 359},      {"socketpair", 360},  {"bind", 361},       {"connect", 362},
    {"listen", 363},      {"accept4", 364},     {"getsockopt", 365}, {"setsockopt", 366},
    {"getsockname", 367}, {"getpeername", 368}, {"sendto", 369},     {"sendmsg", 370},
    {"recvfrom", 371},    {"recvmsg", 372},     {"shutdown", 373},   {"recvmmsg", 337},
    {"sendmmsg", 345},    {"semget", 393},      {"semctl", 394},     {"shmget", 395},
    {"shmctl", 396},      {"shmat", 397},       {"shmdt", 398},      {"msgget", 399},
    {"msgsnd", 400},      {"msgrcv", 401},      {"msgctl", 402},
};
constexpr std::uint32_t kSocketcall = 102, kIpc = 117;

template <std::size_t N>
std::optional<std::uint32_t> look_up(const Number (&table)[N], std::string_view name) {
  const auto* found = std::find_if(std::begin(table), std::end(table),
                                   [&](const Number& n) { return n.name == name; });
  if (found == std::end(table)) return std::nullopt;
  return found->number;
}

std::vector<SyscallNumber> resolve_new(const SeccompArch& arch, std::string_view name) {
  auto number = look_up(kNewCalls, name);
  if (number && arch.token == SCMP_ARCH_X32) *number |= kX32Bit;
  if (!number && arch.token == SCMP_ARCH_X86_64) number = look_up(kNewX8664Calls, name);
  if (!number) return {};
  return {{*number, std::nullopt}};
}

// libseccomp's pseudo numbers for 32-bit x86: -100 minus the socketcall number, -200 minus the ipc
// number.
std::vector<SyscallNumber> resolve_multiplexed(int pseudo, std::string_view name) {
  std::vector<SyscallNumber> numbers;
  if (pseudo < -100 && pseudo > -200) {
    // The kernel compares the whole word.
    numbers.push_back({kSocketcall, {{static_cast<std::uint32_t>(-pseudo - 100), 0xffffffff}}});
  } else if (pseudo < -200 && pseudo > -300) {
    // The kernel takes the upper half for a version (ipc/syscall.c).
    numbers.push_back({kIpc, {{static_cast<std::uint32_t>(-pseudo - 200), 0xffff}}});
  }
  if (const auto direct = look_up(kX86Direct, name)) numbers.push_back({*direct, std::nullopt});
  return numbers;
}

}  // namespace

const SeccompArch* find_seccomp_arch(std::string_view name) {
  const auto* found = std::find_if(std::begin(kArchs), std::end(kArchs),
                                   [&](const SeccompArch& arch) { return arch.name == name; });
  return found == std::end(kArchs) ? nullptr : found;
}

const SeccompArch& native_seccomp_arch() { return kArchs[0]; }

std::vector<SyscallNumber> resolve_syscall(const SeccompArch& arch, const std::string& name) {
  const int number = ::seccomp_syscall_resolve_name_arch(arch.token, name.c_str());
  if (number == __NR_SCMP_ERROR) return resolve_new(arch, name);
  if (number >= 0) return {{static_cast<std::uint32_t>(number), std::nullopt}};
  if (arch.token == SCMP_ARCH_X86) return resolve_multiplexed(number, name);
  return {};
}

}  // namespace mycontainer::runtime::security
