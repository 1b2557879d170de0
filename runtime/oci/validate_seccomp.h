// The part of validate() below "linux.seccomp". Private to runtime/oci.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::oci {

// Names of system calls are left to the compiler of the filter, which knows them.
Result<void> validate_seccomp(const Seccomp& seccomp);

}  // namespace mycontainer::runtime::oci
