// What the parts of links*.cpp share. Private to this folder.
#pragma once

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>

#include "runtime/network/address/address.h"
#include "runtime/network/netlink/netlink.h"
#include "runtime/network/netlink/request.h"

namespace mycontainer::runtime::network {

inline constexpr int kCreate = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;

inline ifinfomsg link_header(int index, bool up) {
  ifinfomsg header{};
  header.ifi_index = index;
  header.ifi_change = up ? IFF_UP : 0;
  header.ifi_flags = up ? IFF_UP : 0;
  return header;
}

inline unsigned char family_of(Family family) {
  return family == Family::kIpv6 ? AF_INET6 : AF_INET;
}

inline std::optional<std::uint32_t> number_in(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  if (bytes.size() != sizeof value) return {};
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// The index of a device, by one question; ENODEV.
Result<int> index_of(Netlink& netlink, const std::string& name);
Result<Request> address_request(int index, const Subnet& address, int flags);
Result<Request> default_route_request(int index, const Address& gateway);

}  // namespace mycontainer::runtime::network
