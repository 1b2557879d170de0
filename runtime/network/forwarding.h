// The host as a router for its containers. Parent side; private to runtime/network.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/network/definition/definition.h"
#include "runtime/network/definition/places.h"

namespace mycontainer::runtime::network {

// Before the rules are made: of each family whether the host was a router before us is noted (places.h),
// because the rules depend on it.
Result<void> note_forwarding(const Places& places, const Definition& network);

// After the rules, which guard it: net.ipv4.ip_forward, and for a network with IPv6 that family's. An
// uplink that listens to router advertisements goes on doing so (accept_ra 2).
Result<void> allow_forwarding(const Definition& network);

bool has_family(const Definition& network, Family family);

}  // namespace mycontainer::runtime::network
