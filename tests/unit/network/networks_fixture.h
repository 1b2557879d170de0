// Networks and containers for tests of what the kernel has of them. Each test's body runs in a
// network namespace of its own.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "runtime/network/bridge.h"
#include "runtime/network/definition/store.h"
#include "runtime/network/membership.h"
#include "tests/support/in_network.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::runtime::network {

inline std::string container_id(int number) { return fmt::format("{:010x}{:054x}", number, 0); }

struct Networks {
  test::TemporaryDirectory root;
  std::set<std::string> dead;
  Places places{.data = root / "data",
                .state = root / "state",
                .is_alive = [this](const std::string& id) { return !dead.contains(id); }};
  Host host = [this] {
    auto opened = Host::open(places);
    EXPECT_TRUE(opened) << opened.error().message();
    return std::move(*opened);
  }();

  Networks() {
    for (const char* path :
         {"data", "data/networks", "state", "state/networks", "state/containers"}) {
      root.make_directory(path, 0700);
    }
  }

  // "bridge" has neither names nor a name service.
  Definition make(const std::string& name, const std::vector<std::string>& subnets,
                  bool internal = false) {
    Definition network;
    network.name = name;
    network.internal = internal;
    for (const std::string& text : subnets) {
      const Subnet subnet = *Subnet::parse(text);
      network.pools.push_back({.subnet = subnet, .gateway = subnet.base().plus(1)});
      if (subnet.family() == Family::kIpv6) network.ipv6 = true;
    }
    if (name == kDefaultNetwork) network.id = kDefaultNetworkId;
    auto stored = store(places, network);
    EXPECT_TRUE(stored) << stored.error().message();
    return stored.value_or(network);
  }

  std::string live_directory(int container) {
    const std::string path = "state/containers/" + container_id(container);
    if (::access((root / path).c_str(), F_OK) != 0) root.make_directory(path, 0700);
    return root / path;
  }

  Result<Membership> claim(int container, const std::vector<std::string>& names,
                           const std::vector<PortMapping>& ports = {}) {
    MembershipRequest request{places, container_id(container), live_directory(container)};
    for (const std::string& name : names) request.endpoints.push_back({.network = name});
    request.ports = ports;
    return Membership::claim(request);
  }
};

template <class Body>
void with_networks(Body&& body) {
  test::in_namespaces(CLONE_NEWNET, [&] {
    ASSERT_TRUE(test::shell("ip link set lo up"));
    Networks networks;
    body(networks);
  });
}

}  // namespace mycontainer::runtime::network
