// Whether a configuration can be run: what the runtime specification demands, and what we refuse.
// Parent side; pure, and cheap enough for every start.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::oci {

// The first thing that is wrong, with its JSON path:
//   process.rlimits[2].type: unknown "RLIMIT_FOO"
// Capability names are not judged here: one the kernel does not know is a warning, not an error
// (config.md, "capabilities").
Result<void> validate(const Spec& spec);

// The same for the parts that clients also hand over alone (json.h), for `exec` and `update`.
Result<void> validate_process(const Process& process);
Result<void> validate_resources(const Resources& resources);

}  // namespace mycontainer::runtime::oci
