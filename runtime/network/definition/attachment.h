// What a container has of networks in its present run: network.json of its live directory. Written whole
// before the kernel is told of any of it, so that whatever there is of a killed container is written
// here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/address/address.h"
#include "runtime/network/address/settings.h"

namespace mycontainer::runtime::network {

struct AssignedAddress {
  Address address;
  int length = 0;
  std::optional<Address> gateway = {};
};

struct Endpoint {
  std::string network_id, network_name, driver;
  std::string interface;       // inside: "eth0"
  std::string host_interface;  // the other end of a veth pair: "mcv" + 10 digits of the id + number
  std::string mac;
  std::vector<AssignedAddress> addresses;
  std::vector<std::string> names;    // that other members know it by; of the default network none
  std::vector<std::string> aliases;  // those of them that were asked for
  bool internal = false;             // no default route
  int gateway_priority = 0;
};

// A port of the host that leads to one of the container.
struct PublishedPort {
  Address host_address;  // unspecified: all of its family
  std::uint16_t host_port = 0, container_port = 0;
  Protocol protocol = Protocol::kTcp;
  Address target;  // the container's address; of the same family
};

struct Attachment {
  std::vector<Endpoint> endpoints = {};
  std::vector<PublishedPort> ports = {};
  std::string
      provider;  // "pasta", "slirp4netns": who gives an ordinary user his network; else empty
};

// 64 hexadecimal digits for one container in one network, always the same: Docker's EndpointID.
std::string endpoint_id(std::string_view network_id, std::string_view container_id);

inline constexpr const char* kAttachmentFile = "network.json";

std::string to_json(const Attachment& attachment);
Result<Attachment> attachment_from_json(std::string_view text);

// Of a live directory; empty when the container has no network of ours. Never waits.
Result<Attachment> read_attachment(const std::string& live_directory);
// Replaces it whole.
Result<void> write_attachment(int live_directory, const Attachment& attachment);

}  // namespace mycontainer::runtime::network
