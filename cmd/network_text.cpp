#include "cmd/network_text.h"

#include <cerrno>

#include "runtime/lifecycle/utc_time.h"
#include "runtime/network/definition/attachment.h"

namespace mycontainer::cmd {

using print::Json;
using runtime::lifecycle::NetworkMember;
using runtime::network::Definition;
using runtime::network::Family;
using runtime::network::Pool;

namespace {

Json pool_document(const Pool& pool) {
  Json document = {{"Subnet", pool.subnet.to_text()}};
  if (pool.range) document["IPRange"] = pool.range->to_text();
  if (pool.gateway) document["Gateway"] = pool.gateway->to_text();
  if (pool.reserved.empty()) return document;
  Json reserved = Json::object();
  for (const auto& [name, address] : pool.reserved) reserved[name] = address.to_text();
  document["AuxiliaryAddresses"] = std::move(reserved);
  return document;
}

// "10.1.2.3/24"; empty when it has none of the family.
std::string address_of(const runtime::network::Endpoint& endpoint, Family family) {
  for (const auto& assigned : endpoint.addresses) {
    if (assigned.address.family() != family) continue;
    return fmt::format("{}/{}", assigned.address.to_text(), assigned.length);
  }
  return {};
}

Json member_document(const NetworkMember& member) {
  const auto& endpoint = member.endpoint;
  return {{"Name", member.name},
          {"EndpointID", runtime::network::endpoint_id(endpoint.network_id, member.container_id)},
          {"MacAddress", endpoint.mac},
          {"IPv4Address", address_of(endpoint, Family::kIpv4)},
          {"IPv6Address", address_of(endpoint, Family::kIpv6)}};
}

// Docker tells by this option which device the bridge is.
std::map<std::string, std::string> options_of(const Definition& network) {
  auto options = network.options;
  if (network.driver == "bridge" && !network.device.empty()) {
    options["com.docker.network.bridge.name"] = network.device;
  }
  return options;
}

}  // namespace

Json network_document(const Definition& network,
                      const std::multimap<std::string, NetworkMember>& members) {
  Json pools = Json::array(), containers = Json::object();
  for (const Pool& pool : network.pools) pools.push_back(pool_document(pool));
  const auto [begin, end] = members.equal_range(network.id);
  for (auto member = begin; member != end; ++member) {
    containers[member->second.container_id] = member_document(member->second);
  }
  return {{"Name", network.name},
          {"Id", network.id},
          {"Created", runtime::lifecycle::utc_time(network.created)},
          {"Scope", "local"},
          {"Driver", network.driver},
          {"EnableIPv4", network.ipv4},
          {"EnableIPv6", network.ipv6},
          {"IPAM", {{"Driver", "default"}, {"Options", Json::object()}, {"Config", pools}}},
          {"Internal", network.internal},
          {"Attachable", network.attachable},
          {"Ingress", false},
          {"ConfigFrom", {{"Network", ""}}},
          {"ConfigOnly", false},
          {"Containers", containers},
          {"Options", options_of(network)},
          {"Labels", network.labels}};
}

std::string networks_pruned_text(const runtime::lifecycle::NetworksPruned& pruned) {
  if (pruned.names.empty()) return {};
  std::string text = "Deleted Networks:\n";
  for (const std::string& name : pruned.names) text += name + "\n";
  return text + "\n";
}

Error plain_network_error(Error error) {
  if (error.code == ENOENT && error.operation.starts_with("network ")) error.code = 0;
  if (error.code == EBUSY || error.code == EADDRINUSE) error.code = 0;
  return error;
}

}  // namespace mycontainer::cmd
