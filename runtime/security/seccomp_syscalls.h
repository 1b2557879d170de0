// The numbers behind a system call's name on each architecture. Parent; pure. Internal to this
// folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mycontainer::runtime::security {

// The x32 ABI shares x86-64's audit number and sets this bit in the call's number.
inline constexpr std::uint32_t kX32Bit = 0x40000000;

struct SeccompArch {
  std::string_view name;  // "SCMP_ARCH_X86_64"
  std::uint32_t token;    // libseccomp's number for it
  std::uint32_t audit;    // what seccomp_data.arch says
  bool wide;              // 64-bit arguments
};

// Nothing when a kernel of this machine runs no programs of that architecture.
const SeccompArch* find_seccomp_arch(std::string_view name);
// The one this program was compiled for.
const SeccompArch& native_seccomp_arch();

// One way to make a call. 32-bit x86 has two for sockets and System V IPC: the direct number, and
// a multiplexer (socketcall, ipc) whose first argument, masked, selects the call.
struct SyscallNumber {
  std::uint32_t number = 0;
  struct Selector {
    std::uint32_t value, mask;
  };
  std::optional<Selector> selector;
};

// Empty when the architecture has no such call or nobody knows the name.
std::vector<SyscallNumber> resolve_syscall(const SeccompArch& arch, const std::string& name);

}  // namespace mycontainer::runtime::security
