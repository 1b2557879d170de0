// What a container was asked to have of networks: the fields of a record and of a request. Plain data,
// checked where it was typed (cmd/options).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mycontainer::runtime::network {

// The words that --network takes beside the name of a network.
inline constexpr std::string_view kNoneNetwork = "none", kHostNetwork = "host",
                                  kDefaultNetwork = "bridge", kPasta = "pasta",
                                  kSlirp = "slirp4netns",
                                  kContainerPrefix = "container:", kNamespacePrefix = "ns:";

// A network to join, and how.
struct EndpointSettings {
  std::string network;  // its name, or one of the words above with what follows the colon
  std::string ipv4 = {}, ipv6 = {};  // wanted addresses; empty: any
  std::string mac = {};              // empty: one that derives from the IPv4 address
  std::vector<std::string> aliases = {};
  std::map<std::string, std::string> driver_options = {};
  int gateway_priority = 0;  // who has the highest gives the default route
};

// What the networks of a container come to. Only members have an attachment of ours.
enum class Kind : std::uint8_t {
  kNone,       // a namespace with a loopback interface
  kHost,       // the host's
  kMember,     // of one network or several
  kContainer,  // another container's
  kNamespace,  // one that exists, by its path
  kUserMode,   // an ordinary user's: pasta or slirp4netns
};
// By the first of them (the words above go with no other); empty: kNone.
Kind kind_of(const std::vector<EndpointSettings>& endpoints);

enum class Protocol : std::uint8_t { kTcp, kUdp, kSctp };
std::string_view to_text(Protocol protocol);  // "tcp"

// One port of the container to publish (-p). A range that was typed is as many of these.
struct PortMapping {
  std::string host_address;          // empty: all of the host's, of both families
  std::uint16_t host_port = 0;       // 0: any that is free
  std::uint16_t host_port_last = 0;  // above host_port: the first that is free of so many
  std::uint16_t container_port = 0;
  Protocol protocol = Protocol::kTcp;
};

// Name service inside: --dns, --dns-search, --dns-option, --add-host.
struct NameSettings {
  std::vector<std::string> servers, search, options;
  std::vector<std::string> hosts;  // "name:address", or "name:host-gateway"
};

}  // namespace mycontainer::runtime::network
