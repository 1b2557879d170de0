// Who had an address before may have had another MAC address, and neighbours remember it: they are
// told. Parent side; private to runtime/network.
#pragma once

#include "reexec/sys/error.h"
#include "runtime/network/definition/attachment.h"
#include "runtime/network/netlink/links.h"

namespace mycontainer::runtime::network {

// In the container's network namespace, before the device is up: from then on the kernel tells them
// (gratuitous ARP, unsolicited neighbour advertisements). Where /proc/sys cannot be written they learn
// it some seconds later.
void settle_neighbours(const Endpoint& endpoint);
// When the device is up: once more. A bridge notices a little later that its port leads somewhere, and
// lets nothing through before.
Result<void> tell_neighbours(const Endpoint& endpoint, Links& here, Links& inside);

}  // namespace mycontainer::runtime::network
