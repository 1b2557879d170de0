#include <fmt/core.h>

#include <algorithm>

#include "runtime/lifecycle/container_ports.h"
#include "runtime/lifecycle/inspect_parts.h"
#include "runtime/network/address/port_range.h"

namespace mycontainer::runtime::lifecycle {
namespace {

using network::AssignedAddress;
using network::Endpoint;
using network::EndpointSettings;
using network::Kind;

bool runs(const InspectInput& input) {
  return input.status == "running" || input.status == "paused";
}

Json ports_of(const InspectInput& input) {
  Json ports = Json::object();
  if (!runs(input)) return ports;
  for (const ContainerPort& port : container_ports(input.record, input.attachment)) {
    Json bindings = Json::array();
    for (const HostPort& host : port.published) {
      bindings.push_back({{"HostIp", host.address}, {"HostPort", std::to_string(host.port)}});
    }
    ports[network::port_text(port.port, port.protocol)] = list_or_null(bindings);
  }
  return ports;
}

// What was asked for of addresses.
Json ipam_config(const EndpointSettings& settings) {
  Json config = Json::object();
  if (!settings.ipv4.empty()) config["IPv4Address"] = settings.ipv4;
  if (!settings.ipv6.empty()) config["IPv6Address"] = settings.ipv6;
  return config.empty() ? Json(nullptr) : config;
}

const AssignedAddress* address_of(const Endpoint& endpoint, network::Family family) {
  const auto found = std::ranges::find(
      endpoint.addresses, family, [](const AssignedAddress& one) { return one.address.family(); });
  return found == endpoint.addresses.end() ? nullptr : &*found;
}

void add_addresses(Json& object, const Endpoint& endpoint) {
  const auto gateway = [](const AssignedAddress& one) {
    return one.gateway ? one.gateway->to_text() : std::string();
  };
  if (const auto* v4 = address_of(endpoint, network::Family::kIpv4)) {
    object["Gateway"] = gateway(*v4);
    object["IPAddress"] = v4->address.to_text();
    object["IPPrefixLen"] = v4->length;
  }
  if (const auto* v6 = address_of(endpoint, network::Family::kIpv6)) {
    object["IPv6Gateway"] = gateway(*v6);
    object["GlobalIPv6Address"] = v6->address.to_text();
    object["GlobalIPv6PrefixLen"] = v6->length;
  }
}

Json empty_addresses() {
  return {{"Gateway", ""},     {"IPAddress", ""},         {"IPPrefixLen", 0},
          {"IPv6Gateway", ""}, {"GlobalIPv6Address", ""}, {"GlobalIPv6PrefixLen", 0}};
}

// `endpoint`: what there is of it now; nothing of a container that does not run.
Json endpoint_json(const InspectInput& input, const EndpointSettings& settings,
                   const Endpoint* endpoint) {
  std::string network_id = endpoint != nullptr ? endpoint->network_id : "";
  const auto known = input.network_ids.find(settings.network);
  if (network_id.empty() && known != input.network_ids.end()) network_id = known->second;
  Json object = {
      {"IPAMConfig", ipam_config(settings)},
      {"Links", nullptr},
      {"Aliases", list_or_null(settings.aliases)},
      {"MacAddress", endpoint != nullptr ? endpoint->mac : settings.mac},
      {"DriverOpts",
       settings.driver_options.empty() ? Json(nullptr) : Json(settings.driver_options)},
      {"GwPriority", settings.gateway_priority},
      {"NetworkID", network_id},
      {"EndpointID", endpoint != nullptr ? network::endpoint_id(network_id, input.record.id) : ""}};
  object.update(empty_addresses());
  if (endpoint != nullptr) add_addresses(object, *endpoint);
  object["DNSNames"] = endpoint != nullptr ? list_or_null(endpoint->names) : Json(nullptr);
  return object;
}

const Endpoint* endpoint_of(const InspectInput& input, const std::string& name) {
  const auto& all = input.attachment.endpoints;
  const auto found = std::ranges::find(all, name, &Endpoint::network_name);
  return runs(input) && found != all.end() ? &*found : nullptr;
}

// Of a network of its own: another container's is that one's.
Json networks_of(const InspectInput& input) {
  Json networks = Json::object();
  const Kind kind = network::kind_of(input.record.networks);
  if (kind == Kind::kContainer || kind == Kind::kNamespace) return networks;
  const auto& endpoints = input.attachment.endpoints;
  if (kind == Kind::kUserMode && runs(input) && endpoints.size() == 1) {
    const EndpointSettings& settings = input.record.networks.front();
    networks[settings.network] = endpoint_json(input, settings, &endpoints.front());
    return networks;
  }
  for (const EndpointSettings& settings : input.record.networks) {
    networks[settings.network] =
        endpoint_json(input, settings, endpoint_of(input, settings.network));
  }
  if (networks.empty()) {
    for (const std::string& name : network_names(input.record)) {
      networks[name] = endpoint_json(input, {.network = name}, nullptr);
    }
  }
  return networks;
}

// Docker's older place for what the default network gave.
void add_default_network(Json& settings, const InspectInput& input) {
  settings.update(empty_addresses());
  const Endpoint* endpoint = endpoint_of(input, std::string(network::kDefaultNetwork));
  settings["EndpointID"] =
      endpoint != nullptr ? network::endpoint_id(endpoint->network_id, input.record.id) : "";
  settings["MacAddress"] = endpoint != nullptr ? endpoint->mac : "";
  if (endpoint != nullptr) add_addresses(settings, *endpoint);
}

// "8080", "8000-8010", or nothing for any.
std::string host_port_of(const network::PortMapping& mapping) {
  if (mapping.host_port == 0) return {};
  if (mapping.host_port_last == 0) return std::to_string(mapping.host_port);
  return fmt::format("{}-{}", mapping.host_port, mapping.host_port_last);
}

// What -p said; what -P adds is not in Docker's, either.
Json port_bindings(const state::Record& record) {
  Json bindings = Json::object();
  for (const network::PortMapping& mapping : record.ports) {
    const bool any = mapping.host_port == 0 && mapping.host_address.empty();
    if (record.publish_all && any) continue;
    bindings[network::port_text(mapping.container_port, mapping.protocol)].push_back(
        {{"HostIp", mapping.host_address}, {"HostPort", host_port_of(mapping)}});
  }
  return bindings;
}

}  // namespace

void add_network_config(Json& config, const state::Record& record) {
  config["NetworkMode"] = record.network;
  config["PortBindings"] = port_bindings(record);
  config["PublishAllPorts"] = record.publish_all;
  config["Dns"] = record.names.servers;
  config["DnsOptions"] = record.names.options;
  config["DnsSearch"] = record.names.search;
  config["ExtraHosts"] = list_or_null(record.names.hosts);
  config["Links"] = nullptr;
}

Json network_settings(const InspectInput& input) {
  const bool has_namespace = runs(input);
  Json settings = {
      {"Bridge", ""},
      {"SandboxID", has_namespace ? input.record.id : ""},
      {"SandboxKey", has_namespace ? fmt::format("/proc/{}/ns/net", input.state.pid) : ""},
      {"Ports", ports_of(input)}};
  add_default_network(settings, input);
  settings["Networks"] = networks_of(input);
  return settings;
}

}  // namespace mycontainer::runtime::lifecycle
