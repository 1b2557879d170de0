// Runs classic BPF seccomp programs in user space, so that a filter's answer to every call can be
// asked without installing it; and makes the same filter with libseccomp, to compare with.
#pragma once

#include <linux/seccomp.h>

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/oci/spec.h"

namespace mycontainer::runtime::security {

// What the kernel would do with `call`: a SECCOMP_RET_* value. Fails the test on a bad program.
std::uint32_t interpret(const std::string& program, const seccomp_data& call);

// The profile compiled by libseccomp, its rules added as runc and crun add them. `optimize` is
// SCMP_FLTATR_CTL_OPTIMIZE: 1 a list, 2 a tree.
std::string libseccomp_program(const oci::Seccomp& seccomp, unsigned optimize);

bool libseccomp_knows(const std::string& name);

// Arguments at and around everything that this project's profiles compare with.
std::vector<seccomp_data> sample_arguments();

// Every call number of both x86-64 conventions and of 32-bit x86, used or not, and some absurd
// ones.
struct CallNumber {
  std::uint32_t audit;
  std::uint32_t number;
};
std::vector<CallNumber> all_x86_calls();

// A readable name for failures: "x86_64 socket (41)".
std::string describe(const CallNumber& call);

}  // namespace mycontainer::runtime::security
