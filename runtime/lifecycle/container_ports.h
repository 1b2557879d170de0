// The ports of one container as users see them: published ones with where they lead from, and those that
// are only exposed. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/network/definition/attachment.h"
#include "runtime/state/record.h"

namespace mycontainer::runtime::lifecycle {

struct HostPort {
  std::string address;  // "0.0.0.0", "::"
  std::uint16_t port = 0;
};

struct ContainerPort {
  std::uint16_t port = 0;
  network::Protocol protocol = network::Protocol::kTcp;
  std::vector<HostPort> published = {};  // empty: only exposed
};

// Of a container that runs, by number and protocol. What is exposed shows only where the container
// has an address that somebody could reach.
std::vector<ContainerPort> container_ports(const state::Record& record,
                                           const network::Attachment& attachment);

// What it is a member of: names of networks, or the word that stands for none.
std::vector<std::string> network_names(const state::Record& record);

}  // namespace mycontainer::runtime::lifecycle
