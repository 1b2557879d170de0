// What the kernel remembers of connections (nf_conntrack). Parent side.
#pragma once

#include <span>

#include "runtime/network/definition/attachment.h"
#include "runtime/network/netlink/netlink.h"

namespace mycontainer::runtime::network {

// Forgets the UDP flows to these published ports that lead elsewhere than the rules now say: address
// translation is decided by a flow's first packet alone, and UDP has no end by which it would be
// decided anew. Without this a client that goes on sending from one port stays with a container that is
// gone, or never reaches one that was started after it. Flows that were answered without
// translation are somebody else's, and stay. A kernel that cannot be asked (no nf_conntrack_netlink) is a
// line in the diagnostics: the ports lead where they should all the same.
void forget_flows(Netlink& netlink, std::span<const PublishedPort> ports);

}  // namespace mycontainer::runtime::network
