#include <net/if.h>

#include <algorithm>

#include "runtime/network/address/settings.h"
#include "runtime/network/definition/pools.h"
#include "runtime/network/definition/store.h"
#include "runtime/network/netlink/links.h"

namespace mycontainer::runtime::network {

namespace {

// "mc0", or the next one that neither the kernel nor another network has.
std::string free_device(const std::vector<Definition>& others) {
  for (unsigned number = 0;; ++number) {
    std::string device = fmt::format("{}{}", kDevicePrefix, number);
    const bool is_taken = ::if_nametoindex(device.c_str()) != 0 ||
                          std::ranges::find(others, device, &Definition::device) != others.end();
    if (!is_taken) return device;
  }
}

}  // namespace

Result<std::vector<Subnet>> routed_subnets() {
  TRY(Links links, Links::open());
  TRY(const auto routes, links.routes());
  std::vector<Subnet> subnets;
  for (const Route& route : routes) subnets.push_back(route.destination);
  return subnets;
}

Result<Definition> default_network(const Places& places) {
  const std::string name(kDefaultNetwork);
  auto present = read(places, name);
  if (present || present.error().code != ENOENT) return present;
  TRY(const UniqueFd lock, lock_definitions(places));
  present = read(places, name);
  if (present || present.error().code != ENOENT) return present;
  TRY(const auto others, list(places));
  TRY(const auto routes, routed_subnets());
  Definition definition{.id = std::string(kDefaultNetworkId), .name = name};
  TRY_VOID(choose_pools(definition, others, routes));
  definition.device = free_device(others);
  return store(places, std::move(definition));
}

}  // namespace mycontainer::runtime::network
