// The host's device nodes that a container is granted: --device, and all of them with --privileged.
// Parent side.
#pragma once

#include <vector>

#include "reexec/sys/error.h"
#include "runtime/engine/run_request.h"
#include "runtime/engine/spec_from_request.h"

namespace mycontainer::runtime::engine {

// Type, numbers, mode and owner of each requested node. A directory grants every device node below
// it, as with Docker; anything else that is not a device is an error.
Result<std::vector<GrantedDevice>> granted_devices(const std::vector<DeviceRequest>& requests);

// Every device node of the host's /dev, except what each container has of its own (pts, shm,
// mqueue, console).
Result<std::vector<GrantedDevice>> all_host_devices();

}  // namespace mycontainer::runtime::engine
