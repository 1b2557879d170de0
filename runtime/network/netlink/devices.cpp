#include "runtime/network/netlink/devices.h"

#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>

#include <array>
#include <cstring>
#include <vector>

#include "reexec/sys/file.h"
#include "runtime/network/netlink/netlink.h"

namespace mycontainer::runtime::network {

namespace {

// The attributes of an address that a device keeps.
constexpr std::array kKeptAttributes = {IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST};

struct Address {
  ifaddrmsg header{};
  std::vector<std::pair<int, std::vector<std::byte>>> attributes;
};

struct Device {
  std::string host_name, name;
  int index = 0;
  std::vector<Address> addresses;
};

// IFA_FLAGS holds what the eight bits of the header cannot.
std::uint32_t flags_of(const nlmsghdr& message, const ifaddrmsg& header) {
  std::uint32_t flags = header.ifa_flags;
  const auto wide = find_attribute(message, sizeof header, IFA_FLAGS);
  if (wide.size() == sizeof flags) std::memcpy(&flags, wide.data(), sizeof flags);
  return flags;
}

void keep_address(const nlmsghdr& message, Device& device) {
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof(ifaddrmsg))) return;
  Address address;
  std::memcpy(&address.header, NLMSG_DATA(&message), sizeof address.header);
  if (static_cast<int>(address.header.ifa_index) != device.index) return;
  if (address.header.ifa_scope != RT_SCOPE_UNIVERSE) return;
  if ((flags_of(message, address.header) & IFA_F_PERMANENT) == 0) return;
  for (const int attribute : kKeptAttributes) {
    const auto bytes = find_attribute(message, sizeof address.header, attribute);
    if (!bytes.empty()) address.attributes.push_back({attribute, {bytes.begin(), bytes.end()}});
  }
  device.addresses.push_back(std::move(address));
}

Result<int> find_index(Netlink& netlink, const std::string& name) {
  TRY(Request request, Request::make(RTM_GETLINK, NLM_F_ACK, ifinfomsg{}));
  TRY_VOID(request.add(IFLA_IFNAME, name));
  int index = 0;
  TRY_VOID(netlink.talk(request, [&index](const nlmsghdr& message) {
    if (message.nlmsg_type == RTM_NEWLINK) {
      index = static_cast<const ifinfomsg*>(NLMSG_DATA(&message))->ifi_index;
    }
  }));
  if (index == 0) return fail_code(ENODEV, "netlink");
  return index;
}

Result<Device> look_at(Netlink& netlink, const std::string& host_name, const std::string& name) {
  Device device{host_name, name.empty() ? host_name : name, 0, {}};
  TRY(device.index, find_index(netlink, host_name));
  TRY(const Request request, Request::make(RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{}));
  TRY_VOID(
      netlink.talk(request, [&device](const nlmsghdr& message) { keep_address(message, device); }));
  return device;
}

ifinfomsg link_header(int index, bool up) {
  ifinfomsg header{};
  header.ifi_index = index;
  header.ifi_change = IFF_UP;
  header.ifi_flags = up ? IFF_UP : 0;
  return header;
}

// Older kernels rename a device only while it is down.
Result<void> move(Netlink& netlink, const Device& device, int netns_fd) {
  TRY(const Request down, Request::make(RTM_NEWLINK, NLM_F_ACK, link_header(device.index, false)));
  TRY_VOID(netlink.talk(down));
  TRY(Request request, Request::make(RTM_NEWLINK, NLM_F_ACK, link_header(device.index, false)));
  TRY_VOID(request.add(IFLA_NET_NS_FD, static_cast<std::uint32_t>(netns_fd)));
  TRY_VOID(request.add(IFLA_IFNAME, device.name));
  return netlink.talk(request);
}

Result<void> add_address(Netlink& netlink, const Address& address, int index) {
  ifaddrmsg header = address.header;
  header.ifa_index = static_cast<std::uint32_t>(index);
  header.ifa_flags = IFA_F_PERMANENT;
  TRY(Request request,
      Request::make(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, header));
  for (const auto& [attribute, bytes] : address.attributes) {
    TRY_VOID(request.add(attribute, bytes));
  }
  return netlink.talk(request);
}

// Inside. The kernel keeps the index where it can.
Result<void> settle(Netlink& netlink, const Device& device) {
  TRY(const int index, find_index(netlink, device.name));
  for (const Address& address : device.addresses) {
    TRY_VOID(add_address(netlink, address, index));
  }
  TRY(const Request up, Request::make(RTM_NEWLINK, NLM_F_ACK, link_header(index, true)));
  return netlink.talk(up);
}

// A socket stays in the namespace it was opened in.
Result<Netlink> open_inside(int netns_fd) {
  TRY(const UniqueFd here, sys::open_at(AT_FDCWD, "/proc/thread-self/ns/net", O_RDONLY));
  if (::setns(netns_fd, CLONE_NEWNET) < 0) return fail_errno("enter the network namespace");
  auto netlink = Netlink::open();
  if (::setns(here.get(), CLONE_NEWNET) < 0) return fail_errno("return to the network namespace");
  return netlink;
}

Failure explain(const Device& device, Error error) {
  if (error.code == ENODEV) error.hint = "the host has no such network device";
  if (error.code == EEXIST) error.hint = device.name + " is there already in the container";
  if (error.code == EINVAL) error.hint = "the kernel does not let this kind of device move";
  return within("linux.netDevices." + device.host_name, std::move(error));
}

Result<std::vector<Device>> look_at_all(Netlink& netlink,
                                        const std::map<std::string, oci::NetDevice>& wanted) {
  std::vector<Device> devices;
  for (const auto& [host_name, entry] : wanted) {
    auto device = look_at(netlink, host_name, entry.name);
    if (!device) return explain({host_name, entry.name, 0, {}}, std::move(device).error());
    devices.push_back(std::move(*device));
  }
  return devices;
}

}  // namespace

Result<void> move_net_devices(const std::map<std::string, oci::NetDevice>& devices, int netns_fd) {
  if (devices.empty()) return {};
  TRY(Netlink outside, Netlink::open());
  TRY(const auto found, look_at_all(outside, devices));
  TRY(Netlink inside, open_inside(netns_fd));
  for (const Device& device : found) {
    auto done = move(outside, device, netns_fd);
    if (done) done = settle(inside, device);
    if (!done) return explain(device, std::move(done).error());
  }
  return {};
}

}  // namespace mycontainer::runtime::network
