#include "runtime/network/rules.h"

#include <algorithm>
#include <map>

#include "runtime/network/bridge.h"
#include "runtime/network/definition/store.h"
#include "runtime/network/members.h"
#include "runtime/network/network_device.h"

namespace mycontainer::runtime::network {

namespace {

using PortsByContainer = std::map<std::string, std::vector<PublishedPort>>;

PortsByContainer published(const Places& places) {
  PortsByContainer ports;
  for (Member& member : living_members(places)) {
    if (!member.attachment.ports.empty()) {
      ports[member.container_id] = std::move(member.attachment.ports);
    }
  }
  return ports;
}

std::vector<Definition> bridges_in_use(const Places& places,
                                       const std::vector<Definition>& networks) {
  auto bridges = networks_in_use(places, networks);
  std::erase_if(bridges, [](const Definition& network) { return !is_bridge(network); });
  return bridges;
}

bool has_device(const std::vector<Definition>& networks, const std::string& device) {
  return std::ranges::find(networks, device, &Definition::device) != networks.end();
}

// Networks that were brought up or removed while the table was written. One that is not marked as up yet
// looks for its rules itself, when it is (bridge.cpp).
Result<void> catch_up_with_bridges(const Places& places, Firewall& firewall,
                                   const std::vector<Definition>& written) {
  TRY(const auto networks, list(places));
  for (const Definition& network : bridges_in_use(places, networks)) {
    if (!has_device(written, network.device)) TRY_VOID(firewall.add_bridge(rules_of(network)));
  }
  for (const Definition& network : written) {
    if (!has_device(networks, network.device)) TRY_VOID(firewall.remove_bridge(network.device));
  }
  return {};
}

// Who came or went while the table was written. A container writes down what it publishes before it
// publishes, so the second look finds everybody whom the new table had not.
Result<void> catch_up(const Places& places, Firewall& firewall, const PortsByContainer& written) {
  const PortsByContainer now = published(places);
  for (const auto& [id, ports] : written) {
    if (!now.contains(id)) TRY_VOID(firewall.withdraw(ports));
  }
  for (const auto& [id, ports] : now) {
    if (written.contains(id)) continue;
    auto done = firewall.publish(ports);
    // It has done it itself by now.
    if (!done && done.error().code != EEXIST) return done;
  }
  return {};
}

}  // namespace

BridgeRules rules_of(const Definition& network) {
  return {network.device, network.internal, network.isolated()};
}

std::vector<Definition> networks_in_use(const Places& places, std::vector<Definition> networks) {
  const auto members = living_members(places);
  std::erase_if(networks, [&](const Definition& network) {
    const bool joined = std::ranges::any_of(members, [&](const Member& member) {
      return std::ranges::any_of(member.attachment.endpoints, [&](const Endpoint& endpoint) {
        return endpoint.network_id == network.id;
      });
    });
    return !joined && !is_marked_up(places, network);
  });
  return networks;
}

Result<void> restore_rules(const Places& places, Firewall& firewall,
                           const std::vector<Definition>& networks) {
  const auto in_use = bridges_in_use(places, networks);
  std::vector<BridgeRules> bridges;
  for (const Definition& network : in_use) bridges.push_back(rules_of(network));
  const PortsByContainer written = published(places);
  std::vector<PublishedPort> ports;
  for (const auto& [id, its] : written) ports.insert(ports.end(), its.begin(), its.end());
  TRY_VOID(firewall.replace(bridges, ports));
  TRY_VOID(catch_up_with_bridges(places, firewall, in_use));
  return catch_up(places, firewall, written);
}

}  // namespace mycontainer::runtime::network
