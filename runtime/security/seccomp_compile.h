// From an oci::Seccomp to the classic BPF program that the kernel runs at every system call.
// Parent; pure.
//
// Source: seccomp(2), Documentation/userspace-api/seccomp_filter.rst, OCI config-linux.md
// "Seccomp".
//
// What a profile means is what libseccomp makes of it, because that is what runc and crun do:
//   - a rule without arguments beats rules with arguments for the same call, the first one wins;
//   - of rules with arguments the first that matches decides; one that repeats an argument index is
//     several rules (runc and crun do the same);
//   - rules whose action is the default action say nothing and are left out;
//   - calls that an architecture does not have, and names nobody knows, are left out;
//   - on 32-bit x86 a rule for socket() and its like, and for shmget() and its like, covers
//     socketcall() and ipc() too;
//   - where SCMP_ACT_ERRNO is the default, calls that are younger than the youngest one the profile
//     names (and than Linux 5.0) fail with ENOSYS, as under runc: programs then fall back to an
//     older call, where another errno of a profile that never heard of the call would stop them;
//   - calls of an architecture that is not listed kill the thread; the native one always counts as
//     listed, and those of other machines, which cannot occur, are left out.
//
// Shape: per architecture one balanced tree of comparisons over ranges of equal treatment. The
// kernel walks the filter once for every call number at installation, so depth and size are
// start-up time.
#pragma once

#include <cstdint>
#include <string>

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::security {

// The generated code's version: a changed generator needs a new number, so that cached programs of
// the old one are not used (a test holds it to the output).
inline constexpr std::uint32_t kSeccompGenerator = 4;

// The program as the bytes of `struct sock_filter`s, ready for install_seccomp(). Errors: an
// action, operator, architecture or argument that does not exist, a program beyond the kernel's
// 4096 instructions.
Result<std::string> compile_seccomp(const oci::Seccomp& seccomp);

// The flags of seccomp(2) for a profile: those it names, and SECCOMP_FILTER_FLAG_NEW_LISTENER when
// an action is SCMP_ACT_NOTIFY.
Result<unsigned> seccomp_flags(const oci::Seccomp& seccomp);

// Whether the bytes are a program the kernel would accept: instructions of the permitted kinds, no
// jump outside, a return at the end. For programs that come from a file.
bool valid_seccomp_program(std::string_view program);

}  // namespace mycontainer::runtime::security
