#include "runtime/network/network_device.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "reexec/sys/file.h"
#include "runtime/network/forwarding.h"
#include "runtime/network/sysctl.h"

namespace mycontainer::runtime::network {

namespace {

constexpr unsigned kUsualMtu = 1500;  // without an uplink to follow

// A device whose name somebody chose may be another's (also "mc0": another engine's); of one that we
// made there is a note from before. One of our kind without a note lost it with the state directory.
std::string note_of_ours(const Places& places, const Definition& network) {
  return places.live_of(network.id) + "/made";
}

Result<void> note_as_ours(const Places& places, const Definition& network) {
  return sys::write_file_at(AT_FDCWD, note_of_ours(places, network), {}, O_WRONLY | O_CREAT, 0600);
}

// Nobody else calls a device like that.
bool has_name_of_its_own(const Definition& network) {
  return network.device == own_device_name(network);
}

bool is_ours(const Places& places, const Definition& network) {
  return has_name_of_its_own(network) || ::access(note_of_ours(places, network).c_str(), F_OK) == 0;
}

// The host would send the containers' packets elsewhere, or take them for its own.
Result<void> check_routes(const Definition& network, Links& links) {
  TRY(const auto routes, links.routes());
  for (const Pool& pool : network.pools) {
    const auto takes = [&](const Route& route) {
      return route.device != network.device && pool.subnet.contains(route.destination);
    };
    const auto taken = std::ranges::find_if(routes, takes);
    if (taken == routes.end()) continue;
    Error error{fmt::format("subnet {} of network {} is taken by the host's route {}{}{}",
                            pool.subnet.to_text(), network.name, taken->destination.to_text(),
                            taken->device.empty() ? "" : " dev ", taken->device),
                EADDRINUSE};
    error.hint = "remove the network and create it with another --subnet";
    return Failure(std::move(error));
  }
  // Of another engine, with the same number.
  for (const Route& route : routes) {
    if (route.device != network.device || !network.device.starts_with(kDevicePrefix)) continue;
    if (route.destination.family() == Family::kIpv6) continue;
    const bool known = std::ranges::any_of(
        network.pools, [&](const Pool& pool) { return pool.subnet.contains(route.destination); });
    if (known) continue;
    return fail_code(EADDRINUSE,
                     "the network device {} of network {} is there already, with the route {}",
                     network.device, network.name, route.destination.to_text());
  }
  return {};
}

Mac mac_of_bridge(const Definition& network) {
  for (const Pool& pool : network.pools) {
    if (pool.gateway) return mac_of(*pool.gateway);
  }
  return mac_of(network.pools.empty() ? Address() : network.pools.front().subnet.base());
}

Result<unsigned> wanted_mtu(const Definition& network, Links& links) {
  if (const auto mtu = network.mtu()) return *mtu;
  TRY(const auto uplink, links.uplink());
  return uplink && uplink->mtu != 0 ? uplink->mtu : kUsualMtu;
}

Result<unsigned> present_mtu(const Definition& network, Links& links) {
  TRY(const auto link, links.find(network.device));
  return network.mtu().value_or(link ? link->mtu : kUsualMtu);
}

// Advertisements come from containers, which are no routers of ours (CVE-2020-13401).
Result<void> settle_ipv6(const Definition& network) {
  const std::string conf = "ipv6/conf/" + network.device;
  const bool used = has_family(network, Family::kIpv6);
  TRY_VOID(set_sysctl_if_there(conf + "/accept_ra", "0"));
  TRY_VOID(set_sysctl_if_there(conf + "/accept_dad", "0"));
  return set_sysctl_if_there(conf + "/disable_ipv6", used ? "0" : "1");
}

Result<void> add_gateways(const Definition& network, int bridge, Links& links) {
  for (const Pool& pool : network.pools) {
    if (!pool.gateway) continue;
    TRY_VOID(links.add_address(bridge, Subnet(*pool.gateway, pool.subnet.length())));
  }
  return {};
}

// A bridge that was there before us keeps what its owner gave it.
Result<Up> set_up_bridge(const Places& places, const Definition& network, int bridge,
                         Links& links) {
  Up up{bridge, 0};
  const bool ours = is_ours(places, network);
  if (ours) TRY_VOID(settle_ipv6(network));
  TRY_VOID(add_gateways(network, bridge, links));
  TRY(up.mtu, ours ? wanted_mtu(network, links) : present_mtu(network, links));
  TRY_VOID(links.set_up(bridge, ours ? up.mtu : 0));
  // From 127.0.0.1 to a published port: the rules are there, and guard it (CVE-2020-8558).
  if (!network.internal && has_family(network, Family::kIpv4)) {
    TRY_VOID(set_sysctl("ipv4/conf/" + network.device + "/route_localnet", "1"));
  }
  return up;
}

Result<Up> make_bridge(const Places& places, const Definition& network, Links& links) {
  TRY(const auto present, links.find(network.device));
  if (present && present->kind != "bridge") {
    return fail("the network device {} of network {} is there already, and no bridge",
                network.device, network.name);
  }
  TRY_VOID(check_routes(network, links));
  if (!present || network.device.starts_with(kDevicePrefix)) {
    TRY_VOID(note_as_ours(places, network));
  }
  if (present) return set_up_bridge(places, network, present->index, links);
  TRY(const int bridge, links.add_bridge(network.device, mac_of_bridge(network)));
  auto up = set_up_bridge(places, network, bridge, links);
  if (!up) (void)links.remove(network.device);
  return up;
}

// A parent that nobody named is a device that leads nowhere: the containers have only each other.
Result<Up> make_parent(const Definition& network, Links& links) {
  TRY(auto parent, links.find(network.device));
  const bool own = has_name_of_its_own(network);
  if (!parent && own) {
    TRY_VOID(links.add_dummy(network.device));
    TRY(parent, links.find(network.device));
  }
  if (!parent) {
    return fail("the parent device {} of network {} is not there", network.device, network.name);
  }
  if (own) TRY_VOID(links.set_up(parent->index));
  return Up{parent->index, network.mtu().value_or(parent->mtu)};
}

}  // namespace

Result<Up> make_device(const Places& places, const Definition& network, Links& links) {
  if (!is_bridge(network)) return make_parent(network, links);
  return make_bridge(places, network, links);
}

Result<void> remove_device(const Places& places, const Definition& network, Links& links) {
  if (!is_ours(places, network)) return {};
  return links.remove(network.device);
}

}  // namespace mycontainer::runtime::network
