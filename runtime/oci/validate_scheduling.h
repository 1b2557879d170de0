// The parts of validate() about where and when a process runs: "process.scheduler", "ioPriority"
// and "execCPUAffinity", "linux.memoryPolicy" and "personality". Private to runtime/oci.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::oci {

Result<void> validate_scheduling(const Process& process);
Result<void> validate_memory_policy(const MemoryPolicy& policy);
Result<void> validate_personality(const Personality& personality);

}  // namespace mycontainer::runtime::oci
