// Network devices, their addresses and routes: what rtnetlink(7) is asked to do. Parent side.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/address/address.h"
#include "runtime/network/netlink/netlink.h"

namespace mycontainer::runtime::network {

struct Link {
  int index = 0;
  std::string name, kind;  // "bridge", "veth", "" of a physical one
  unsigned mtu = 0;
  bool up = false;       // it was set up
  bool running = false;  // and packets go through: its other end is up too, and it was noticed
};

struct Route {
  Subnet destination;  // 0.0.0.0/0 or ::/0: a default route
  int index = 0;       // of the device; 0: none (a blackhole)
  std::string device;
  std::uint32_t metric = 0;
};

// A pair: one end here, a port of the bridge and up; the other born in the network namespace of `pid`,
// down (the kernel refuses it up: ENOTCONN).
struct VethRequest {
  std::string name;  // of the end here
  int bridge = 0;
  std::string inside;  // "eth0"
  pid_t pid = 0;
  unsigned mtu = 0;
  Mac mac{};  // of the end inside
};

// A macvlan or ipvlan device on `parent`, born in the network namespace of `pid`.
struct SubdeviceRequest {
  std::string kind;  // "macvlan", "ipvlan"
  std::string mode;  // "bridge", "private", "vepa", "passthru"; "l2", "l3", "l3s"
  int parent = 0;
  std::string inside;
  pid_t pid = 0;
  unsigned mtu = 0;
  std::optional<Mac> mac;
};

// What a new device inside gets: addresses (without duplicate address detection: it would take a
// second, and IPAM has done it), up, and the default routes.
struct InsideRequest {
  std::string inside;             // its name
  std::vector<Subnet> addresses;  // typed(): the address
  std::vector<Address> gateways;  // of default routes, at most one of a family; the unspecified
                                  // address: a route without a gateway (ipvlan l3); empty: none
};

class Links {
 public:
  // In the network namespace the calling thread is in now; it stays there.
  static Result<Links> open();
  // In that of a process, which is another one (else ESRCH: the number is no container's any more); the
  // thread visits it and is back when this returns. `inside` is called
  // there: what has to be said by files of /proc/sys/net, which show the reader's own namespace.
  static Result<Links> open_in(pid_t pid, const std::function<Result<void>()>& inside = {});

  Result<std::optional<Link>> find(const std::string& name);
  Result<std::vector<Route>> routes();  // of both families, of the tables main and local
  // The device of the default route: IPv4's, else IPv6's.
  Result<std::optional<Link>> uplink();

  // Device name taken: EEXIST. The kernel knows no such kind: EOPNOTSUPP. A bridge keeps its `mac`
  // whatever its ports are; without, it would change with them, and neighbours would lose it.
  Result<int> add_bridge(const std::string& name, const Mac& mac);
  Result<void> add_dummy(const std::string& name);
  Result<void> add_veth(const VethRequest& request);
  // A port of a bridge: whether what came by it may leave by it.
  Result<void> set_hairpin(const std::string& name);
  Result<void> add_subdevice(const SubdeviceRequest& request);
  Result<void> set_up(int index, unsigned mtu = 0);  // 0: as it is
  Result<void> set_bridge(const std::string& port, int bridge);
  // The same as it has: neighbours are told of it where arp_notify, ndisc_notify say so.
  Result<void> set_mac(const std::string& name, const Mac& mac);
  Result<void> add_address(int index, const Subnet& address);  // there already: success
  Result<void> set_up_inside(const InsideRequest& request);
  // In place of those there are of the gateways' families.
  Result<void> set_default_routes(const std::string& device, const std::vector<Address>& gateways);
  Result<void> remove_default_routes(Family family);  // none: success
  Result<void> remove(const std::string& name);       // missing: success

 private:
  explicit Links(Netlink netlink) : netlink_(std::move(netlink)) {}
  Netlink netlink_;
};

}  // namespace mycontainer::runtime::network
