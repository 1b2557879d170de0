#include "runtime/network/definition/check_pool.h"

#include <array>
#include <string_view>

namespace mycontainer::runtime::network {

namespace {

Result<void> check_usable(const Subnet& subnet) {
  // "This network", this host itself, groups and what is reserved; of IPv6 the same (::1 is in the
  // first), and what is of one link only.
  constexpr std::array<std::string_view, 6> kUnusable = {"0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3",
                                                         "::/64",     "fe80::/10",   "ff00::/8"};
  // The network's own address, a gateway, a container, and the last one.
  constexpr int kLeastHostBits = 2;
  for (const std::string_view unusable : kUnusable) {
    if (subnet.overlaps(*Subnet::parse(unusable))) {
      return fail("the subnet {} overlaps {}, which containers cannot use", subnet.to_text(),
                  unusable);
    }
  }
  if (subnet.base().bits() - subnet.length() < kLeastHostBits) {
    return fail("the subnet {} is too small: a gateway and a container need at least a /{}",
                subnet.to_text(), subnet.base().bits() - kLeastHostBits);
  }
  return {};
}

Result<void> check_family(const Definition& definition, const Subnet& subnet) {
  const bool ipv6 = subnet.family() == Family::kIpv6;
  if (ipv6 && !definition.ipv6) {
    return fail("the subnet {} is one of IPv6, which is not enabled (--ipv6)", subnet.to_text());
  }
  if (!ipv6 && !definition.ipv4) {
    return fail("the subnet {} is one of IPv4, which is disabled (--ipv4=false)", subnet.to_text());
  }
  return {};
}

Result<void> check_taken(const Subnet& subnet, const std::vector<Definition>& others) {
  for (const Definition& other : others) {
    for (const Pool& theirs : other.pools) {
      if (!theirs.subnet.overlaps(subnet)) continue;
      return fail("the subnet {} overlaps {} of the network {}", subnet.to_text(),
                  theirs.subnet.to_text(), other.name);
    }
  }
  return {};
}

Result<void> check_routes(const Subnet& subnet, const std::vector<Subnet>& routes) {
  for (const Subnet& route : routes) {
    if (!subnet.contains(route)) continue;
    return fail("the subnet {} is in use: this host has a route to {}", subnet.to_text(),
                route.to_text());
  }
  return {};
}

// Of IPv6 the last address is one like any other.
bool is_nobodys(const Subnet& subnet, const Address& address) {
  return address == subnet.base() || (!address.is_v6() && address == subnet.last());
}

}  // namespace

Result<void> check_subnet(const Definition& definition, const Subnet& subnet,
                          const std::vector<Definition>& others,
                          const std::vector<Subnet>& routes) {
  TRY_VOID(check_family(definition, subnet));
  TRY_VOID(check_usable(subnet));
  TRY_VOID(check_taken(subnet, others));
  // The subnets of macvlan and ipvlan are those of the host's own neighbours.
  if (definition.driver != "bridge") return {};
  return check_routes(subnet, routes);
}

Result<void> check_members(const Pool& pool) {
  const std::string subnet = pool.subnet.to_text();
  if (pool.gateway && !pool.subnet.contains(*pool.gateway)) {
    return fail("no matching subnet for gateway {}", pool.gateway->to_text());
  }
  if (pool.gateway && is_nobodys(pool.subnet, *pool.gateway)) {
    return fail("{} cannot be the gateway of the subnet {}", pool.gateway->to_text(), subnet);
  }
  if (pool.range && !pool.subnet.contains(*pool.range)) {
    return fail("no matching subnet for range {}", pool.range->to_text());
  }
  for (const auto& [name, address] : pool.reserved) {
    if (!pool.subnet.contains(address)) {
      return fail("no matching subnet for aux-address {}", address.to_text());
    }
    if (pool.gateway == address) {
      return fail("{} cannot be both the gateway and the aux-address \"{}\"", address.to_text(),
                  name);
    }
  }
  return {};
}

}  // namespace mycontainer::runtime::network
