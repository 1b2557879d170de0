#include "runtime/network/firewall/connections.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "reexec/sys/log.h"

namespace mycontainer::runtime::network {

namespace {

using Bytes = std::vector<std::byte>;

template <class Number>
Number number_in(std::span<const std::byte> bytes) {
  Number number{};
  if (bytes.size() == sizeof number) std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

int type_of(int operation) { return NFNL_SUBSYS_CTNETLINK << 8 | operation; }

nfgenmsg header_of(Family family) {
  nfgenmsg header{};
  header.nfgen_family = family == Family::kIpv6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
  header.version = NFNETLINK_V0;
  return header;
}

// Of the packets of one direction.
struct Tuple {
  Address source, destination;
  std::uint8_t protocol = 0;
  std::uint16_t destination_port = 0;
};

Tuple read_tuple(std::span<const std::byte> bytes, Family family) {
  const bool v6 = family == Family::kIpv6;
  const auto addresses = find_attribute(bytes, CTA_TUPLE_IP);
  const auto protocol = find_attribute(bytes, CTA_TUPLE_PROTO);
  Tuple tuple;
  tuple.source = Address::from_bytes(find_attribute(addresses, v6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC));
  tuple.destination =
      Address::from_bytes(find_attribute(addresses, v6 ? CTA_IP_V6_DST : CTA_IP_V4_DST));
  tuple.protocol = number_in<std::uint8_t>(find_attribute(protocol, CTA_PROTO_NUM));
  tuple.destination_port =
      ntohs(number_in<std::uint16_t>(find_attribute(protocol, CTA_PROTO_DST_PORT)));
  return tuple;
}

bool is_to(const Tuple& tuple, const PublishedPort& port) {
  const bool any = port.host_address.is_unspecified();
  return port.protocol == Protocol::kUdp && tuple.protocol == IPPROTO_UDP &&
         tuple.destination_port == port.host_port &&
         tuple.destination.family() == port.host_address.family() &&
         (any || tuple.destination == port.host_address);
}

// What names it when it is to be forgotten, as the kernel told it.
struct Flow {
  Bytes original, id;
};

void keep_if_stale(const nlmsghdr& message, Family family, std::span<const PublishedPort> ports,
                   std::vector<Flow>& stale) {
  const auto attribute = [&](int type) { return find_attribute(message, sizeof(nfgenmsg), type); };
  const auto original = attribute(CTA_TUPLE_ORIG), id = attribute(CTA_ID);
  const Tuple tuple = read_tuple(original, family);
  if (std::ranges::none_of(ports, [&](const PublishedPort& port) { return is_to(tuple, port); })) {
    return;
  }
  const std::uint32_t status = ntohl(number_in<std::uint32_t>(attribute(CTA_STATUS)));
  const bool answered = (status & IPS_SEEN_REPLY) != 0, translated = (status & IPS_DST_NAT) != 0;
  if (answered && !translated) return;
  stale.push_back({{original.begin(), original.end()}, {id.begin(), id.end()}});
}

Result<std::vector<Flow>> stale_flows(Netlink& netlink, Family family,
                                      std::span<const PublishedPort> ports) {
  TRY(const Request request,
      Request::make(type_of(IPCTNL_MSG_CT_GET), NLM_F_DUMP, header_of(family)));
  std::vector<Flow> stale;
  TRY_VOID(netlink.talk(
      request, [&](const nlmsghdr& message) { keep_if_stale(message, family, ports, stale); }));
  return stale;
}

Result<void> forget(Netlink& netlink, Family family, const Flow& flow) {
  TRY(Request request, Request::make(type_of(IPCTNL_MSG_CT_DELETE), NLM_F_ACK, header_of(family)));
  TRY_VOID(request.add(CTA_TUPLE_ORIG | NLA_F_NESTED, flow.original));
  TRY_VOID(request.add(CTA_ID, flow.id));
  auto done = netlink.talk(request);
  if (!done && done.error().code == ENOENT) return {};  // it has ended meanwhile
  return done;
}

Result<void> forget_stale(Netlink& netlink, Family family, std::span<const PublishedPort> ports) {
  TRY(const auto flows, stale_flows(netlink, family, ports));
  for (const Flow& flow : flows) TRY_VOID(forget(netlink, family, flow));
  return {};
}

}  // namespace

void forget_flows(Netlink& netlink, std::span<const PublishedPort> ports) {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    const bool concerned = std::ranges::any_of(ports, [family](const PublishedPort& port) {
      return port.protocol == Protocol::kUdp && port.target.family() == family;
    });
    if (!concerned) continue;
    const auto done = forget_stale(netlink, family, ports);
    if (!done) log_warn("forget earlier flows to published ports: {}", done.error().message());
  }
}

}  // namespace mycontainer::runtime::network
