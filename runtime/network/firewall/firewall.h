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
//   chain guard        prerouting, raw: no bridge may send to 127.0.0.0/8 nor from there (with
//                      route_localnet, which published ports take, the host would believe it;
//                      CVE-2020-8558)
//   chain arriving     prerouting, dstnat (but for 127.0.0.0/8, which is not for neighbours on the wire),
//                      and
//   chain leaving      output, the same: what goes to a local address looks into
//   chain published    dnat by the maps, first by those that name the host's address. Not what the host
//                      sends to ::1: the answer to that is lost, as IPv6 has no route_localnet. It is
//                      refused at once (TCP; ports.h holds the port and nobody listens), so that who
//                      asks for "localhost" goes on to 127.0.0.1
//   chain way_out      postrouting, srcnat: masquerade what leaves a bridge of ours by none of ours, what
//                      comes from 127.0.0.0/8, and what turns round (hairpin)
//   chain between      forward: established connections pass, and a bridge to itself; an internal one has
//                      nothing else; then published ports pass, one open bridge to another, and
//                      from a bridge out (what conntrack knows, and so translates); nothing else to
//                      a bridge. Of a family whose forwarding was off before us: nothing else
//                      at all, so that the host does not become a router.
//
// Verdicts hold for this table: one that drops in another table (Docker's policy for what is forwarded) has
// the last word.
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

// Of which families the host forwards for others than containers, too.
struct Routing {
  bool ipv4 = true, ipv6 = true;
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

  // All or none, in one transaction. One that leads there already is success; one that leads
  // elsewhere is another container's, dead or alive: EEXIST.
  Result<void> publish(std::span<const PublishedPort> ports);
  // Only those that still lead to their target: another container may have the port by now.
  Result<void> withdraw(std::span<const PublishedPort> ports);

  // The whole table anew, in one transaction.
  Result<void> replace(std::span<const BridgeRules> bridges, std::span<const PublishedPort> ports);
  Result<void> remove_table();  // missing: success

  // Base chains of others that drop what is forwarded unless a rule of theirs accepts it ("ip filter
  // FORWARD", as Docker and many a firewall have it): no rule of ours can let a packet through there.
  Result<std::vector<std::string>> foreign_drops();

 private:
  struct Socket;
  Firewall();
  [[nodiscard]] Routing routing() const;
  std::unique_ptr<Socket> socket_;
  std::string table_;
  std::string live_;           // Places::live()
  std::string mark4_, mark6_;  // Places::forwarding_was_off()
};

// In the calling thread's network namespace, a container's, by a table "ip mycontainer": what goes to
// 127.0.0.11, port 53 (UDP and TCP) arrives at `udp_port` and `tcp_port` of that address, and what
// is sent back from there comes from port 53. Who serves must bind that address and not any.
Result<void> redirect_name_service(std::uint16_t udp_port, std::uint16_t tcp_port);

}  // namespace mycontainer::runtime::network
