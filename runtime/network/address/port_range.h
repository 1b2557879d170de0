// Port numbers as texts: "80", "8000-8010", "80/tcp". Pure; any process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/network/address/settings.h"

namespace mycontainer::runtime::network {

struct PortRange {
  std::uint16_t first = 0, last = 0;

  // How many more than one.
  [[nodiscard]] int more() const { return last - first; }
  friend bool operator==(const PortRange&, const PortRange&) = default;
};

// "80" or "8000-8010", from 0 to 65535 and not downwards.
std::optional<PortRange> parse_port_range(std::string_view text);

// "tcp", "udp", "sctp", in any case.
std::optional<Protocol> parse_protocol(std::string_view text);

// "80/tcp", "8000-8010/udp"; without a protocol it is TCP. Nothing for port 0.
struct ExposedPorts {
  PortRange ports;
  Protocol protocol = Protocol::kTcp;
};
std::optional<ExposedPorts> parse_exposed(std::string_view text);

// "80/tcp".
std::string port_text(std::uint16_t port, Protocol protocol);

}  // namespace mycontainer::runtime::network
