// The parts of validate() below "linux.resources" and "linux.seccomp". Private to runtime/oci.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::oci {

Result<void> validate_resources(const Resources& resources);

// Names of system calls are left to the compiler of the filter, which knows them.
Result<void> validate_seccomp(const Seccomp& seccomp);

}  // namespace mycontainer::runtime::oci
