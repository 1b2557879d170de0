// A network's own part in the kernel: the bridge with its addresses, sysctls and rules.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "runtime/network/definition/definition.h"
#include "runtime/network/definition/places.h"
#include "runtime/network/host.h"

namespace mycontainer::runtime::network {

struct Up {
  int index = 0;  // of the bridge, or of the parent (macvlan, ipvlan)
  unsigned mtu = 0;
};

// The network is there afterwards. When it is already, that costs a file, one netlink question about
// the device and one about the rules. Else, with the network's lock: the bridge, its addresses, MTU
// (the uplink's, unless the network names one), forwarding, and the rules. The state's marker is
// written last, so that a killed bring-up is simply done again. A bridge that somebody removed, and
// rules that somebody flushed, come back with the ports and the published ports of those who run.
// Errors: no permission; no nf_tables in the kernel; a route of the host that takes the subnet, or a
// device of another engine that has its name (EADDRINUSE); the network was removed meanwhile (ENOENT).
Result<Up> bring_up(const Places& places, const Definition& network, Host& host);

// Whether it is still up: to be asked by who claimed an address, because take_down() looks for
// claims after it has taken the marker away. Then one of the two sees the other.
bool is_marked_up(const Places& places, const Definition& network);

// The bridge, its rules and all its state are gone, and its definition is forgotten. Refused when a
// living container is in it ("network NAME has active endpoints ...", code EBUSY).
Result<void> take_down(const Places& places, const Definition& network);

// Every bridge, and all rules of all networks and of all running containers, as they should be:
// the rules in one transaction.
Result<void> reload(const Places& places);

}  // namespace mycontainer::runtime::network
