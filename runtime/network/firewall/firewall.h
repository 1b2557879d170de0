// Our rules: one nftables table (nft(8)), "inet mycontainer" (with another state directory than the
// default one "mycontainer-" and 8 digits that derive from it), spoken by nfnetlink(7). Whoever lists it with `nft
// list table` reads what this header says.
//
// What differs between networks and containers is an element of a set or a map, never a rule of
// its own: a container adds its ports in one transaction, and a packet finds them by a hash.
//
//   set bridges {ifname}            all our bridges        set internal, open {ifname}
//   set same {ifname . ifname}      each bridge with itself
//   map ports4, ports6              proto . port            -> address . port   (any host address)
//   map ports4_at, ports6_at        address . proto . port  -> address . port
//
//   chain guard        prerouting, raw: no bridge may send to 127.0.0.0/8 (route_localnet is on there
//                      for published ports; CVE-2020-8558)
//   chain published    prerouting and output, dstnat: to a local address: dnat by the maps
//   chain way_out      postrouting, srcnat: masquerade what leaves by no bridge of ours (not internal
//                      ones), what comes from 127.0.0.0/8, and what turns round (hairpin)
//   chain between      forward: established and published pass; a bridge to itself; between two
//                      open ones; from a bridge out; nothing else to a bridge. When forwarding was off
//                      before us: nothing else at all, so that the host does not become a router.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/definition/attachment.h"
#include "runtime/network/definition/places.h"

namespace mycontainer::runtime::network {

struct BridgeRules {
  std::string device;
  bool internal = false, isolated = true;
};

class Firewall {
 public:
  // A socket, in the calling thread's network namespace. No permission: EPERM. "the kernel has no
  // nf_tables", EOPNOTSUPP, here or with the first transaction.
  static Result<Firewall> open(const Places& places);
  Firewall(Firewall&&) noexcept;
  Firewall& operator=(Firewall&&) noexcept;
  ~Firewall();

  [[nodiscard]] const std::string& table() const { return table_; }
  [[nodiscard]] int fd() const;  // of the socket; -1 after it was moved

  // Whether the rules of this bridge are there: one question to the kernel.
  Result<bool> has_bridge(const std::string& device);
  // Makes the table too when it is missing.
  Result<void> add_bridge(const BridgeRules& rules);
  Result<void> remove_bridge(const std::string& device);  // missing: success

  // All or none, in one transaction. A port that another container has is EEXIST.
  Result<void> publish(std::span<const PublishedPort> ports);
  // Only those that still lead to their target: another container may have the port by now.
  Result<void> withdraw(std::span<const PublishedPort> ports);

  // The whole table anew, in one transaction.
  Result<void> replace(std::span<const BridgeRules> bridges, std::span<const PublishedPort> ports);
  Result<void> remove_table();  // missing: success

 private:
  struct Socket;
  Firewall();
  [[nodiscard]] bool is_router() const;
  std::unique_ptr<Socket> socket_;
  std::string table_;
  std::string live_;         // Places::live()
  std::string router_mark_;  // Places::forwarding_was_off()
};

// In the calling thread's network namespace, a container's: what goes to 127.0.0.11, port 53 (UDP
// and TCP) arrives at `udp_port` and `tcp_port` of that address.
Result<void> redirect_name_service(std::uint16_t udp_port, std::uint16_t tcp_port);

}  // namespace mycontainer::runtime::network
