#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>

#include <array>
#include <utility>

#include "runtime/network/netlink/links.h"
#include "runtime/network/netlink/links_internal.h"

namespace mycontainer::runtime::network {

namespace {

// "make the bridge mc0", for an error that says no more than its errno.
Result<void> named(std::string_view what, std::string_view name, Result<void> done) {
  if (done) return done;
  Error error = std::move(done).error();
  error.operation = fmt::format("{} {}", what, name);
  return Failure(std::move(error));
}

template <std::size_t N>
using Words = std::array<std::pair<std::string_view, std::uint32_t>, N>;

constexpr Words<5> kMacvlanModes = {{{"bridge", MACVLAN_MODE_BRIDGE},
                                     {"private", MACVLAN_MODE_PRIVATE},
                                     {"vepa", MACVLAN_MODE_VEPA},
                                     {"passthru", MACVLAN_MODE_PASSTHRU},
                                     {"", MACVLAN_MODE_BRIDGE}}};
constexpr Words<4> kIpvlanModes = {{{"l2", IPVLAN_MODE_L2},
                                    {"l3", IPVLAN_MODE_L3},
                                    {"l3s", IPVLAN_MODE_L3S},
                                    {"", IPVLAN_MODE_L2}}};

template <std::size_t N>
Result<std::uint32_t> mode_in(const Words<N>& words, std::string_view mode) {
  for (const auto& [word, value] : words) {
    if (word == mode) return value;
  }
  return fail("unknown mode \"{}\"", mode);
}

Result<void> add_mode(Request& request, const SubdeviceRequest& wanted) {
  TRY_VOID(request.begin(IFLA_INFO_DATA));
  if (wanted.kind == "macvlan") {
    TRY(const std::uint32_t mode, mode_in(kMacvlanModes, wanted.mode));
    TRY_VOID(request.add(IFLA_MACVLAN_MODE, mode));
  } else {
    TRY(const std::uint32_t mode, mode_in(kIpvlanModes, wanted.mode));
    TRY_VOID(request.add_u16(IFLA_IPVLAN_MODE, static_cast<std::uint16_t>(mode)));
  }
  return request.end();
}

// A new device of a kind that needs to be told nothing more.
Result<Request> device_request(const std::string& name, const char* kind) {
  TRY(Request request, Request::make(RTM_NEWLINK, kCreate, ifinfomsg{}));
  TRY_VOID(request.add(IFLA_IFNAME, name));
  TRY_VOID(request.begin(IFLA_LINKINFO));
  TRY_VOID(request.add(IFLA_INFO_KIND, std::string(kind)));
  TRY_VOID(request.end());
  return request;
}

}  // namespace

Result<Request> address_request(int index, const Subnet& address, int flags) {
  ifaddrmsg header{};
  header.ifa_family = family_of(address.family());
  header.ifa_prefixlen = static_cast<unsigned char>(address.length());
  header.ifa_index = static_cast<std::uint32_t>(index);
  TRY(Request request, Request::make(RTM_NEWADDR, flags, header));
  TRY_VOID(request.add(IFA_LOCAL, address.typed().bytes()));
  TRY_VOID(request.add(IFA_ADDRESS, address.typed().bytes()));
  if (address.family() == Family::kIpv6) {
    TRY_VOID(request.add(IFA_FLAGS, std::uint32_t{IFA_F_PERMANENT | IFA_F_NODAD}));
  } else if (address.length() <= 30) {  // shorter ones have no broadcast address (RFC 3021)
    TRY_VOID(request.add(IFA_BROADCAST, address.last().bytes()));
  }
  return request;
}

Result<int> Links::add_bridge(const std::string& name, const Mac& mac) {
  TRY(Request request, device_request(name, "bridge"));
  TRY_VOID(request.add(IFLA_ADDRESS, mac));
  TRY_VOID(named("make the bridge", name, netlink_.talk(request)));
  return index_of(netlink_, name);
}

Result<void> Links::add_dummy(const std::string& name) {
  TRY(const Request request, device_request(name, "dummy"));
  return named("make the network device", name, netlink_.talk(request));
}

Result<void> Links::add_veth(const VethRequest& wanted) {
  TRY(Request request, Request::make(RTM_NEWLINK, kCreate, link_header(0, true)));
  TRY_VOID(request.add(IFLA_IFNAME, wanted.name));
  TRY_VOID(request.add(IFLA_MASTER, static_cast<std::uint32_t>(wanted.bridge)));
  TRY_VOID(request.add(IFLA_MTU, wanted.mtu));
  TRY_VOID(request.begin(IFLA_LINKINFO));
  TRY_VOID(request.add(IFLA_INFO_KIND, std::string("veth")));
  TRY_VOID(request.begin(IFLA_INFO_DATA));
  TRY_VOID(request.begin(VETH_INFO_PEER, ifinfomsg{}));
  TRY_VOID(request.add(IFLA_IFNAME, wanted.inside));
  TRY_VOID(request.add(IFLA_MTU, wanted.mtu));
  TRY_VOID(request.add(IFLA_ADDRESS, wanted.mac));
  TRY_VOID(request.add(IFLA_NET_NS_PID, static_cast<std::uint32_t>(wanted.pid)));
  for (int nested = 0; nested < 3; ++nested) TRY_VOID(request.end());
  return named("make the network device", wanted.name, netlink_.talk(request));
}

Result<void> Links::set_hairpin(const std::string& name) {
  TRY(Request request, Request::make(RTM_NEWLINK, NLM_F_ACK, ifinfomsg{}));
  TRY_VOID(request.add(IFLA_IFNAME, name));
  TRY_VOID(request.begin(IFLA_LINKINFO));
  TRY_VOID(request.add(IFLA_INFO_SLAVE_KIND, std::string("bridge")));
  TRY_VOID(request.begin(IFLA_INFO_SLAVE_DATA));
  TRY_VOID(request.add_u8(IFLA_BRPORT_MODE, 1));
  for (int nested = 0; nested < 2; ++nested) TRY_VOID(request.end());
  return named("let packets turn round at", name, netlink_.talk(request));
}

Result<void> Links::add_subdevice(const SubdeviceRequest& wanted) {
  TRY(Request request, Request::make(RTM_NEWLINK, kCreate, ifinfomsg{}));
  TRY_VOID(request.add(IFLA_IFNAME, wanted.inside));
  TRY_VOID(request.add(IFLA_LINK, static_cast<std::uint32_t>(wanted.parent)));
  if (wanted.mtu != 0) TRY_VOID(request.add(IFLA_MTU, wanted.mtu));
  if (wanted.mac) TRY_VOID(request.add(IFLA_ADDRESS, *wanted.mac));
  TRY_VOID(request.add(IFLA_NET_NS_PID, static_cast<std::uint32_t>(wanted.pid)));
  TRY_VOID(request.begin(IFLA_LINKINFO));
  TRY_VOID(request.add(IFLA_INFO_KIND, wanted.kind));
  TRY_VOID(add_mode(request, wanted));
  TRY_VOID(request.end());
  auto done = netlink_.talk(request);
  if (done) return done;
  Error error = std::move(done).error();
  error.operation = fmt::format("make the {} device {}", wanted.kind, wanted.inside);
  if (error.code == EOPNOTSUPP) error.hint = "the kernel has no " + wanted.kind;
  if (error.code == EBUSY) error.hint = "the parent device is used in another way already";
  return Failure(std::move(error));
}

Result<void> Links::set_up(int index, unsigned mtu) {
  TRY(Request request, Request::make(RTM_NEWLINK, NLM_F_ACK, link_header(index, true)));
  if (mtu != 0) TRY_VOID(request.add(IFLA_MTU, mtu));
  return named("set up the network device", std::to_string(index), netlink_.talk(request));
}

Result<void> Links::set_bridge(const std::string& port, int bridge) {
  TRY(Request request, Request::make(RTM_NEWLINK, NLM_F_ACK, link_header(0, true)));
  TRY_VOID(request.add(IFLA_IFNAME, port));
  TRY_VOID(request.add(IFLA_MASTER, static_cast<std::uint32_t>(bridge)));
  return named("make a port of the network device", port, netlink_.talk(request));
}

Result<void> Links::set_mac(const std::string& name, const Mac& mac) {
  TRY(Request request, Request::make(RTM_NEWLINK, NLM_F_ACK, ifinfomsg{}));
  TRY_VOID(request.add(IFLA_IFNAME, name));
  TRY_VOID(request.add(IFLA_ADDRESS, mac));
  return named("set the MAC address of", name, netlink_.talk(request));
}

Result<void> Links::add_address(int index, const Subnet& address) {
  TRY(const Request request, address_request(index, address, kCreate));
  auto done = netlink_.talk(request);
  if (!done && done.error().code == EEXIST) return {};
  return named("add the address", address.typed().to_text(), std::move(done));
}

Result<void> Links::remove(const std::string& name) {
  TRY(Request request, Request::make(RTM_DELLINK, NLM_F_ACK, ifinfomsg{}));
  TRY_VOID(request.add(IFLA_IFNAME, name));
  auto done = netlink_.talk(request);
  if (!done && done.error().code == ENODEV) return {};
  return named("remove the network device", name, std::move(done));
}

}  // namespace mycontainer::runtime::network
