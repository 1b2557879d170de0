// Where the host has the node of a device, for a container that may not make its own. Either side,
// while the host's /dev and /sys are visible.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "runtime/init/plan.h"

namespace mycontainer::runtime::init {

// The path of the host's node that has the type and number of `device`: at the same path as in the
// container, or where devtmpfs has it (/sys/dev/char/M:N/uevent). ENODEV when there is none.
Result<std::string> find_host_node(const PlannedDevice& device);

}  // namespace mycontainer::runtime::init
