// seccomp profiles as files: Docker's format (archMap, names, includes, excludes) and the plain OCI
// form (architectures, names) become an oci::Seccomp. Parent; pure.
//
// Source: https://docs.docker.com/engine/security/seccomp, OCI config-linux.md "Seccomp",
// containers-common pkg/seccomp. Unknown members are ignored, as everybody does; a known member of
// a wrong type or value is an error that names its place: "syscalls[3].args[0].op: unknown operator
// SCMP_CMP_XX". `name` (one) beside `names` is accepted, both at once is an error, as are archMap
// and architectures at once.
#pragma once

#include <string_view>

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"
#include "runtime/security/seccomp_default.h"

namespace mycontainer::runtime::security {

Result<oci::Seccomp> parse_seccomp_profile(std::string_view json, const SeccompContext& context);

}  // namespace mycontainer::runtime::security
