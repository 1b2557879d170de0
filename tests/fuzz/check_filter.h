// Holds a compiled seccomp filter to the policy it was made from. Pure.
#pragma once

#include <string>

#include "runtime/oci/spec.h"
#include "runtime/security/seccomp_compile.h"

namespace mycontainer::fuzz {

// What is wrong with `program`, or nothing: it must be one the kernel takes, and a sample of calls
// (numbers and arguments at and around everything the profile names) must be answered as
// seccomp_policy.h says, which is the profile with its names resolved.
std::string check_filter(const runtime::oci::Seccomp& seccomp, const std::string& program);

}  // namespace mycontainer::fuzz
