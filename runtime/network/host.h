// The conversations with the kernel about the host's own network: its devices and its rules. Parent
// side; private to runtime/network and who brings networks up.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/definition/places.h"
#include "runtime/network/firewall/firewall.h"
#include "runtime/network/netlink/links.h"

namespace mycontainer::runtime::network {

class Host {
 public:
  // In the network namespace the calling thread is in now.
  static Result<Host> open(const Places& places);
  Host(Host&&) noexcept = default;
  Host& operator=(Host&&) noexcept = default;
  // Who took rules away and closes the socket is made to wait until the kernel has freed them, some 10
  // milliseconds (an RCU grace period), with its rules locked for everybody: another process closes it,
  // when that is over.
  ~Host();

  [[nodiscard]] Links& links() { return links_; }
  // Opened when it is first asked for: macvlan and ipvlan need no rules.
  Result<Firewall*> firewall();
  Result<void> publish(const std::vector<PublishedPort>& ports);
  Result<void> withdraw(const std::vector<PublishedPort>& ports);

 private:
  Host(Places places, Links links) : places_(std::move(places)), links_(std::move(links)) {}
  Places places_;
  Links links_;
  std::optional<Firewall> firewall_;
  bool took_away_ = false;
};

}  // namespace mycontainer::runtime::network
