// Which subnets a network gets: what was typed, checked, and what was not, chosen. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/definition/definition.h"

namespace mycontainer::runtime::network {

// As they are typed after --subnet, --gateway, --ip-range and --aux-address (name to address).
struct PoolWords {
  std::vector<std::string> subnets = {}, gateways = {}, ranges = {};
  std::map<std::string, std::string> reserved = {};
};
// A pool for each subnet, and in it what belongs to it; Docker's errors for what belongs to none, or
// is one too many. The address in "192.168.10.1/24" is the gateway, unless another one was asked for.
Result<std::vector<Pool>> pools_of(const PoolWords& words);

// Fills in what was not asked for: the id; an IPv4 subnet (unless `ipv4` is off) and an IPv6 one (with
// `ipv6`) that overlap none of the host's routes and none of `others`; gateways; and checks what was
// asked for. A bridge's subnet that a route of the host leads into or exactly to is an error that
// names it, and so is one that overlaps another network's. A wider route ("10.0.0.0/8 by the
// office's router") is no obstacle for a subnet that was asked for; the choice avoids it. Default routes
// never count.
Result<void> choose_pools(Definition& definition, const std::vector<Definition>& others,
                          const std::vector<Subnet>& routes);

}  // namespace mycontainer::runtime::network
