#include "runtime/lifecycle/container_ports.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "runtime/network/address/port_range.h"

namespace mycontainer::runtime::lifecycle {

namespace {

using network::Kind;
using PortKey = std::pair<std::uint16_t, network::Protocol>;

bool has_address(const state::Record& record) {
  const Kind kind = network::kind_of(record.networks);
  return kind == Kind::kMember || kind == Kind::kUserMode;
}

}  // namespace

std::vector<ContainerPort> container_ports(const state::Record& record,
                                           const network::Attachment& attachment) {
  std::map<PortKey, std::vector<HostPort>> all;
  if (has_address(record)) {
    for (const std::string& text : record.exposed_ports) {
      const auto range = network::parse_exposed(text);
      for (int port = range ? range->ports.first : 1; range && port <= range->ports.last; ++port) {
        all[{static_cast<std::uint16_t>(port), range->protocol}];
      }
    }
  }
  for (const network::PublishedPort& port : attachment.ports) {
    all[{port.container_port, port.protocol}].push_back(
        {port.host_address.to_text(), port.host_port});
  }
  std::vector<ContainerPort> ports;
  ports.reserve(all.size());
  for (auto& [key, published] : all) {
    std::ranges::sort(published, {},
                      [](const HostPort& host) { return std::tie(host.address, host.port); });
    ports.push_back({key.first, key.second, std::move(published)});
  }
  return ports;
}

std::vector<std::string> network_names(const state::Record& record) {
  std::vector<std::string> names;
  for (const network::EndpointSettings& endpoint : record.networks) {
    names.push_back(endpoint.network);
  }
  const bool by_mode =
      record.network == network::kNoneNetwork || record.network == network::kHostNetwork;
  if (names.empty() && by_mode) names.push_back(record.network);
  std::ranges::sort(names);
  return names;
}

}  // namespace mycontainer::runtime::lifecycle
