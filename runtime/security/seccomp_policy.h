// A seccomp profile with every name resolved: per architecture, what happens at which call number.
// Parent; pure. Internal to this folder: the step between oci::Seccomp and BPF.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::security {

struct ArgCheck {
  enum class Op { kNotEqual, kLess, kLessEqual, kEqual, kGreaterEqual, kGreater, kMaskedEqual };
  std::uint32_t index = 0;
  Op op = Op::kEqual;
  std::uint64_t value = 0;
  std::uint64_t mask = ~std::uint64_t{0};  // kMaskedEqual only
  auto operator<=>(const ArgCheck&) const = default;
};

// All checks hold: `action` (a SECCOMP_RET_* value with its data).
struct Clause {
  std::vector<ArgCheck> checks;
  std::uint32_t action = 0;
  auto operator<=>(const Clause&) const = default;
};

// The first clause that matches decides, the profile's default action otherwise. One clause without
// checks means always.
struct CallPolicy {
  std::uint32_t number = 0;
  std::vector<Clause> clauses;
};

// All calls that come with one value of seccomp_data.arch: x86-64 and x32 share theirs.
struct ArchPolicy {
  std::uint32_t audit = 0;
  bool x86_64 = false, x32 = false;
  std::vector<CallPolicy> calls;  // ascending by number, each number once
  // Calls from this number on are younger than the profile; 0: there is no such thing.
  std::uint32_t first_unknown = 0;
};

struct SeccompPolicy {
  std::uint32_t default_action = 0;
  std::vector<ArchPolicy> archs;  // the native one first, always present
};

// Errors name the rule: "seccomp: rule 3 (socket): unknown operator SCMP_CMP_XX".
Result<SeccompPolicy> resolve_seccomp(const oci::Seccomp& seccomp);

// "SCMP_ACT_ERRNO" and its errno as the value a filter returns. An errno without one is EPERM; one
// with an action that cannot carry it is an error, as the specification asks.
Result<std::uint32_t> seccomp_action(const std::string& name, std::optional<std::uint32_t> data);

// One argument condition of a profile. Errors: the operator or the argument does not exist.
Result<ArgCheck> parse_arg_check(const oci::SeccompArg& arg);

}  // namespace mycontainer::runtime::security
