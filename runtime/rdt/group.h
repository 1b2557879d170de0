// Intel Resource Director Technology: the container's share of caches and memory bandwidth, by a
// group in the resctrl filesystem (config-linux.md, "IntelRdt"; Documentation/arch/x86/resctrl.rst).
// Parent side.
//
// The group is the directory closID, or one named after the container. Only the latter is ours to
// remove: whoever names a class of service himself manages it. What there is follows from the
// configuration and the id, so nothing needs to be remembered.
#pragma once

#include <sys/types.h>

#include <string>

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::rdt {

inline constexpr const char* kResctrl = "/sys/fs/resctrl";

// Makes the group where that is asked for, writes its schemata, and puts the process into it, and
// with enableMonitoring into a monitoring group of its own. An existing closID whose schemata say
// something else is refused, and so is a missing one when there is nothing to make it with.
Result<void> enter_group(const oci::IntelRdt& config, const std::string& id, pid_t pid,
                         const std::string& resctrl = kResctrl);

// Removes what enter_group() made for this container and is not shared. Nothing there is success.
Result<void> remove_group(const oci::IntelRdt& config, const std::string& id,
                          const std::string& resctrl = kResctrl);

}  // namespace mycontainer::runtime::rdt
