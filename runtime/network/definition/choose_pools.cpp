#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "runtime/network/definition/check_pool.h"
#include "runtime/network/definition/pools.h"
#include "runtime/network/definition/store.h"

namespace mycontainer::runtime::network {

namespace {

using Subnets = std::vector<Subnet>;

// Where automatic choice looks: subnets of `length` within `within`, from `first` on.
struct Region {
  std::string_view first, within;
  int length;
};
constexpr std::array kOfDefault = {
    Region{"10.66.0.0", "10.0.0.0/8", 16}, Region{"10.0.0.0", "10.0.0.0/8", 16},
    Region{"172.16.0.0", "172.16.0.0/12", 16}, Region{"192.168.0.0", "192.168.0.0/16", 24}};
constexpr std::array kOfOthers = {
    Region{"10.67.0.0", "10.0.0.0/8", 24}, Region{"172.16.0.0", "172.16.0.0/12", 24},
    Region{"192.168.0.0", "192.168.0.0/16", 24}, Region{"10.0.0.0", "10.0.0.0/8", 24}};

// A route that is shorter says nothing about private networks: a default route, or one of the two
// halves that a VPN makes of it.
constexpr int kShortestRoute = 8;
constexpr int kShortestRouteOfIpv6 = 7;

bool counts(const Subnet& route) {
  return route.length() >=
         (route.family() == Family::kIpv6 ? kShortestRouteOfIpv6 : kShortestRoute);
}

Subnets subnets_of(const std::vector<Definition>& definitions) {
  Subnets subnets;
  for (const Definition& definition : definitions) {
    for (const Pool& pool : definition.pools) subnets.push_back(pool.subnet);
  }
  return subnets;
}

const Subnet* overlapping(const Subnets& taken, const Subnet& candidate) {
  const auto found =
      std::ranges::find_if(taken, [&](const Subnet& one) { return one.overlaps(candidate); });
  return found == taken.end() ? nullptr : &*found;
}

// The first of the region that overlaps nothing that is taken, which is sorted: once along it.
std::optional<Subnet> free_in(const Region& region, const Subnets& taken) {
  const Subnet within = Subnet::parse(region.within).value_or(Subnet());
  Subnet candidate(Address::parse(region.first).value_or(Address()), region.length);
  for (const Subnet& obstacle : taken) {
    if (!obstacle.overlaps(candidate)) continue;
    candidate = Subnet(std::max(obstacle.last(), candidate.last()).plus(1), region.length);
  }
  if (!within.contains(candidate)) return {};
  return candidate;
}

Result<Subnet> free_ipv4(const Definition& definition, const Subnets& taken) {
  const auto regions = is_default(definition) ? std::span<const Region>(kOfDefault)
                                              : std::span<const Region>(kOfOthers);
  for (const Region& region : regions) {
    if (const auto subnet = free_in(region, taken)) return *subnet;
  }
  return Failure(Error{"no IPv4 subnet is left that no route of the host and no network has", 0,
                       "say which one to use with 'mycontainer network create --subnet'", 0});
}

// fd, the first 40 bits of the id as the global id (RFC 4193), the next 16 as the number of the subnet.
Result<Subnet> free_ipv6(const Definition& definition, const Subnets& others,
                         const Subnets& routes) {
  constexpr std::size_t kBytes = 7, kAttempts = 16;
  constexpr int kLength = 64;
  for (std::size_t attempt = 0; attempt < kAttempts; ++attempt) {
    std::array<std::byte, 16> bytes{std::byte{0xfd}};
    for (std::size_t i = 0; i < kBytes; ++i) {
      const char* digits = definition.id.data() + (attempt + i) * 2;
      unsigned value = 0;
      std::from_chars(digits, digits + 2, value, 16);
      bytes[i + 1] = static_cast<std::byte>(value);
    }
    const Subnet subnet(Address::from_bytes(bytes), kLength);
    const bool is_routed =
        std::ranges::any_of(routes, [&](const Subnet& route) { return subnet.contains(route); });
    if (overlapping(others, subnet) == nullptr && !is_routed) return subnet;
  }
  return fail("no IPv6 subnet is left that no route of the host and no network has");
}

// Layer 3 modes have no neighbours, and so no gateway.
bool has_gateway(const Definition& definition) {
  return !(definition.driver == "ipvlan" && definition.mode() != "l2");
}

bool has(const Definition& definition, Family family) {
  return std::ranges::any_of(definition.pools,
                             [&](const Pool& pool) { return pool.subnet.family() == family; });
}

// The first address that is nothing else.
void choose_gateway(Pool& pool) {
  const auto is_reserved = [&](const Address& address) {
    return std::ranges::any_of(pool.reserved,
                               [&](const auto& one) { return one.second == address; });
  };
  Address gateway = pool.subnet.base().plus(1);
  while (is_reserved(gateway)) gateway = gateway.plus(1);
  if (pool.subnet.contains(gateway)) pool.gateway = gateway;
}

}  // namespace

Result<void> choose_pools(Definition& definition, const std::vector<Definition>& others,
                          const Subnets& all_routes) {
  if (!definition.ipv4 && !definition.ipv6) {
    return fail("a network has IPv4 or IPv6, or both (--ipv4, --ipv6)");
  }
  if (definition.id.empty()) {
    TRY(definition.id, new_network_id());
  }
  Subnets routes;
  std::ranges::copy_if(all_routes, std::back_inserter(routes), counts);
  for (const Pool& pool : definition.pools) {
    TRY_VOID(check_subnet(definition, pool.subnet, others, routes));
  }
  const Subnets theirs = subnets_of(others);
  if (definition.ipv4 && !has(definition, Family::kIpv4)) {
    Subnets taken = routes;
    taken.insert(taken.end(), theirs.begin(), theirs.end());
    std::ranges::sort(taken, {}, &Subnet::base);
    TRY(const Subnet subnet, free_ipv4(definition, taken));
    definition.pools.push_back({subnet});
  }
  if (definition.ipv6 && !has(definition, Family::kIpv6)) {
    TRY(const Subnet subnet, free_ipv6(definition, theirs, routes));
    definition.pools.push_back({subnet});
  }
  for (Pool& pool : definition.pools) {
    if (!pool.gateway && has_gateway(definition)) choose_gateway(pool);
    TRY_VOID(check_members(pool));
  }
  return {};
}

}  // namespace mycontainer::runtime::network
