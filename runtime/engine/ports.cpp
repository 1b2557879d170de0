#include <algorithm>

#include "runtime/engine/networks.h"
#include "runtime/network/address/port_range.h"

namespace mycontainer::runtime::engine {

std::vector<std::string> exposed_ports(const RunRequest& request,
                                       const std::vector<std::string>& of_image) {
  std::vector<std::string> all;
  const auto add = [&](std::string port) {
    if (std::ranges::find(all, port) == all.end()) all.push_back(std::move(port));
  };
  for (const std::string& port : of_image) add(port);
  for (const std::string& port : request.expose) add(port);
  for (const network::PortMapping& mapping : request.ports) {
    add(network::port_text(mapping.container_port, mapping.protocol));
  }
  return all;
}

std::vector<network::PortMapping> published_ports(const RunRequest& request,
                                                  const std::vector<std::string>& exposed) {
  std::vector<network::PortMapping> ports = request.ports;
  if (!request.publish_all) return ports;
  const auto is_published = [&](std::uint16_t port, network::Protocol protocol) {
    return std::ranges::any_of(request.ports, [&](const network::PortMapping& mapping) {
      return mapping.container_port == port && mapping.protocol == protocol;
    });
  };
  for (const std::string& text : exposed) {
    const auto range = network::parse_exposed(text);
    if (!range) continue;
    for (int port = range->ports.first; port <= range->ports.last; ++port) {
      const auto number = static_cast<std::uint16_t>(port);
      if (is_published(number, range->protocol)) continue;
      ports.push_back({.host_address = {}, .container_port = number, .protocol = range->protocol});
    }
  }
  return ports;
}

}  // namespace mycontainer::runtime::engine
