// The device that a network has on the host: its bridge, or the parent of macvlan and ipvlan. Parent
// side; private to runtime/network.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/network/bridge.h"
#include "runtime/network/definition/definition.h"
#include "runtime/network/definition/places.h"
#include "runtime/network/netlink/links.h"

namespace mycontainer::runtime::network {

inline bool is_bridge(const Definition& network) { return network.driver == "bridge"; }

// Made when it is missing, with its addresses and settings, and up. The caller holds the network's
// lock. Nothing that was made is left on failure.
Result<Up> make_device(const Places& places, const Definition& network, Links& links);

// Removed, if it is ours.
Result<void> remove_device(const Places& places, const Definition& network, Links& links);

}  // namespace mycontainer::runtime::network
