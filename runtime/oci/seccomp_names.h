// The words of linux.seccomp, for the validator, for the compiler of the filter
// (runtime/security) and for the features document. Either side; pure constants.
//
// Source: OCI config-linux.md "Seccomp"; what each means is in runtime/security.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace mycontainer::runtime::oci {

inline constexpr std::array<std::string_view, 9> kSeccompActions = {
    "SCMP_ACT_ALLOW",        "SCMP_ACT_ERRNO",       "SCMP_ACT_KILL",
    "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG",
    "SCMP_ACT_NOTIFY",       "SCMP_ACT_TRACE",       "SCMP_ACT_TRAP"};
inline constexpr std::array<std::string_view, 7> kSeccompOperators = {
    "SCMP_CMP_EQ", "SCMP_CMP_GE",        "SCMP_CMP_GT", "SCMP_CMP_LE",
    "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE"};
inline constexpr std::array<std::string_view, 4> kSeccompFlags = {
    "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC",
    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
// All that a profile may list. Those of other machines than ours cannot occur and say nothing.
inline constexpr std::array<std::string_view, 23> kSeccompArchitectures = {
    "SCMP_ARCH_AARCH64",  "SCMP_ARCH_ARM",         "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K",
    "SCMP_ARCH_MIPS",     "SCMP_ARCH_MIPS64",      "SCMP_ARCH_MIPS64N32",   "SCMP_ARCH_MIPSEL",
    "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PARISC",      "SCMP_ARCH_PARISC64",
    "SCMP_ARCH_PPC",      "SCMP_ARCH_PPC64",       "SCMP_ARCH_PPC64LE",     "SCMP_ARCH_RISCV64",
    "SCMP_ARCH_S390",     "SCMP_ARCH_S390X",       "SCMP_ARCH_SH",          "SCMP_ARCH_SHEB",
    "SCMP_ARCH_X32",      "SCMP_ARCH_X86",         "SCMP_ARCH_X86_64"};

// A system call has six arguments, and an errno fits into what the kernel gives back (seccomp(2)
// cuts higher ones off); a tracer gets 16 bits.
inline constexpr std::size_t kSeccompArguments = 6;
inline constexpr unsigned kMaxSeccompErrno = 4095, kMaxSeccompTrace = 65535;

}  // namespace mycontainer::runtime::oci
