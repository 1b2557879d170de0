#include "runtime/network/user_mode/pasta.h"

#include <algorithm>

namespace mycontainer::runtime::network {

namespace {

// What it hands to the container is as large as the interface takes: to the outside it speaks by the
// host's own sockets, which know the way's MTU.
constexpr const char* kMtu = "65520";

bool is_same_but_family(const PublishedPort& one, const PublishedPort& other) {
  return one.protocol == other.protocol && one.host_port == other.host_port &&
         one.container_port == other.container_port && one.host_address.is_unspecified() &&
         other.host_address.is_unspecified() &&
         one.host_address.family() != other.host_address.family();
}

// "8080:80" binds both families, and a port may be named once only.
std::string port_text(const PublishedPort& port, bool both) {
  const std::string mapping = fmt::format("{}:{}", port.host_port, port.container_port);
  return both ? mapping : fmt::format("{}/{}", port.host_address.to_text(), mapping);
}

Result<void> add_ports(std::vector<std::string>& arguments, Protocol protocol, const char* option,
                       const std::vector<PublishedPort>& ports) {
  bool any = false;
  for (auto port = ports.begin(); port != ports.end(); ++port) {
    if (port->protocol != protocol) continue;
    const auto twin = [&](const PublishedPort& other) { return is_same_but_family(*port, other); };
    if (std::any_of(ports.begin(), port, twin)) continue;
    const bool both = std::any_of(port + 1, ports.end(), twin);
    arguments.insert(arguments.end(), {option, port_text(*port, both)});
    any = true;
  }
  // Without the option it would forward whatever is bound inside.
  if (!any) arguments.insert(arguments.end(), {option, "none"});
  return {};
}

}  // namespace

Result<std::vector<std::string>> pasta_arguments(const Addressing& addressing,
                                                 const std::vector<PublishedPort>& ports) {
  for (const PublishedPort& port : ports) {
    if (port.protocol == Protocol::kSctp) {
      return fail("pasta cannot publish port {}/sctp: it has tcp and udp", port.container_port);
    }
  }
  std::vector<std::string> arguments{"--foreground",
                                     "--quiet",
                                     "--pid",
                                     "/proc/self/fd/1",
                                     "--netns",
                                     "/proc/self/fd/0",
                                     "--netns-only",
                                     "--no-netns-quit",
                                     "--config-net",
                                     "--no-map-gw",
                                     "--no-dhcp",
                                     "--no-dhcpv6",
                                     "--no-ra",
                                     "--tcp-ns",
                                     "none",
                                     "--udp-ns",
                                     "none",
                                     "--mtu",
                                     kMtu,
                                     "--ns-ifname",
                                     "eth0",
                                     "--mac-addr",
                                     to_text(mac_of(addressing.gateway())),
                                     "--ns-mac-addr",
                                     to_text(mac_of(addressing.address())),
                                     "--address",
                                     addressing.address().to_text(),
                                     "--netmask",
                                     std::to_string(addressing.subnet.length()),
                                     "--gateway",
                                     addressing.gateway().to_text(),
                                     "--dns-forward",
                                     addressing.name_server().to_text()};
  if (addressing.subnet6) {
    arguments.insert(arguments.end(), {"--address", addressing.address6().to_text(), "--gateway",
                                       addressing.gateway6().to_text()});
  } else {
    arguments.emplace_back("--ipv4-only");
  }
  if (!addressing.uplink.empty()) {
    arguments.insert(arguments.end(), {"--interface", addressing.uplink});
  }
  TRY_VOID(add_ports(arguments, Protocol::kTcp, "--tcp-ports", ports));
  TRY_VOID(add_ports(arguments, Protocol::kUdp, "--udp-ports", ports));
  return arguments;
}

}  // namespace mycontainer::runtime::network
