// Whether this machine has what a configuration asks for. Parent side, before anything is made.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::launch {

// Looks at the machine only for what the configuration asks for: SELinux for process.selinuxLabel
// and linux.mountLabel, a resctrl filesystem for linux.intelRdt. Errors begin with the JSON path.
Result<void> check_host(const oci::Spec& spec);

}  // namespace mycontainer::runtime::launch
