#include "runtime/network/user_mode/addressing.h"

#include <algorithm>

namespace mycontainer::runtime::network {

namespace {

constexpr int kLength = 24;
// Shorter ones are default routes by another name ("0.0.0.0/1 and 128.0.0.0/1" of some VPNs).
constexpr int kShortest = 7;
constexpr int kCandidates = 256;

bool is_free(const Subnet& subnet, const std::vector<Route>& routes) {
  return std::ranges::none_of(routes, [&](const Route& route) {
    return route.destination.family() == subnet.family() &&
           route.destination.length() >= kShortest && route.destination.overlaps(subnet);
  });
}

Subnet free_subnet(const std::vector<Route>& routes) {
  constexpr const char* kFirst[] = {"10.65.0.0", "172.29.0.0", "192.168.0.0"};
  for (const char* first : kFirst) {
    const Address base = *Address::parse(first);
    for (std::uint64_t number = 0; number < kCandidates; ++number) {
      const Subnet subnet(base.plus(number << 8U), kLength);
      if (is_free(subnet, routes)) return subnet;
    }
  }
  return {*Address::parse(kFirst[0]), kLength};
}

std::string default_device(const std::vector<Route>& routes, Family family) {
  const auto route = std::ranges::find_if(routes, [family](const Route& one) {
    return one.destination.family() == family && one.destination.length() == 0 &&
           one.device != "lo";
  });
  return route == routes.end() ? std::string() : route->device;
}

}  // namespace

Addressing choose_addressing(const std::vector<Route>& routes) {
  Addressing result;
  result.subnet = free_subnet(routes);
  result.uplink = default_device(routes, Family::kIpv6);
  // A unique local one (RFC 4193). It is seen by nobody else, so that it need not be random.
  if (!result.uplink.empty()) result.subnet6 = Subnet(*Address::parse("fd6d:7963:6f6e::"), 64);
  if (result.uplink.empty() && default_device(routes, Family::kIpv4).empty()) result.uplink = "lo";
  return result;
}

}  // namespace mycontainer::runtime::network
