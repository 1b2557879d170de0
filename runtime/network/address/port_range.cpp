#include "runtime/network/address/port_range.h"

#include <fmt/core.h>
#include <strings.h>

#include <charconv>

namespace mycontainer::runtime::network {

namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [after, status] = std::from_chars(text.data(), end, port);
  if (status != std::errc{} || after != end) return {};
  return port;
}

}  // namespace

std::optional<PortRange> parse_port_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = parse_port(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_port(text.substr(dash + 1));
  if (!first || !last || *last < *first) return {};
  return PortRange{*first, *last};
}

std::optional<Protocol> parse_protocol(std::string_view text) {
  const std::string word(text);
  for (const Protocol protocol : {Protocol::kTcp, Protocol::kUdp, Protocol::kSctp}) {
    if (::strcasecmp(word.c_str(), to_text(protocol).data()) == 0) return protocol;
  }
  return {};
}

std::optional<ExposedPorts> parse_exposed(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto ports = parse_port_range(text.substr(0, slash));
  const auto protocol = slash == std::string_view::npos ? std::optional(Protocol::kTcp)
                                                        : parse_protocol(text.substr(slash + 1));
  if (!ports || !protocol || ports->first == 0) return {};
  return ExposedPorts{*ports, *protocol};
}

std::string port_text(std::uint16_t port, Protocol protocol) {
  return fmt::format("{}/{}", port, to_text(protocol));
}

}  // namespace mycontainer::runtime::network
