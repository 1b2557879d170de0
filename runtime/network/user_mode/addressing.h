// The addresses of a container that pasta(1) or slirp4netns(1) gives a network. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/network/address/address.h"
#include "runtime/network/netlink/links.h"

namespace mycontainer::runtime::network {

// Not the host's own address, which pasta would give it: so the container reaches the host, and what
// other containers publish there, by that address, and it has one also where the host has none. Every
// such container has the same, each in a network of its own.
struct Addressing {
  Subnet subnet;  // IPv4, a /24. As slirp4netns has it: .2 the gateway, .3 passes questions for
                  // names on, .100 the container
  std::optional<Subnet> subnet6;  // when the host has a way out by IPv6
  // Whose addresses pasta looks at; empty: it finds the device of the default route itself.
  std::string uplink;

  [[nodiscard]] Address gateway() const { return subnet.base().plus(2); }
  [[nodiscard]] Address name_server() const { return subnet.base().plus(3); }
  [[nodiscard]] Address address() const { return subnet.base().plus(100); }
  [[nodiscard]] Address gateway6() const { return subnet6->base().plus(2); }
  [[nodiscard]] Address address6() const { return subnet6->base().plus(100); }
};

// A subnet that none of the host's routes leads to, as long as there is one. Without any default
// route (a machine that is offline) it is the loopback interface that pasta looks at: published
// ports work then on the host.
Addressing choose_addressing(const std::vector<Route>& routes);

}  // namespace mycontainer::runtime::network
