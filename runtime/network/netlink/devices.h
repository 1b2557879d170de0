// Network devices of the host that become the container's (config-linux.md, "Network Devices").
// Parent side, with rights over both network namespaces.
#pragma once

#include <map>
#include <string>

#include "reexec/sys/error.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::network {

// Moves each device (by its name in the caller's network namespace) into the namespace `netns_fd`,
// under its new name, if it has one. Its permanent addresses of global scope, of every family, move
// along; then it is set up. Nothing is moved unless all devices are there. A name that is taken
// inside is EEXIST. The calling thread visits the other namespace and is back when this returns.
//
// What happens to a device at the container's end is the kernel's decision (network_namespaces(7)):
// physical ones go back to the initial namespace, virtual ones are destroyed.
Result<void> move_net_devices(const std::map<std::string, oci::NetDevice>& devices, int netns_fd);

}  // namespace mycontainer::runtime::network
