#include "runtime/network/firewall/table.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter_ipv4.h>
#include <net/if.h>

#include <algorithm>
#include <array>
#include <map>

#include "runtime/network/definition/definition.h"

namespace mycontainer::runtime::network {

namespace {

constexpr const char *kPorts4 = "ports4", *kPorts6 = "ports6", *kPorts4At = "ports4_at",
                     *kPorts6At = "ports6_at";
constexpr const char *kGuard = "guard", *kArriving = "arriving", *kLeaving = "leaving",
                     *kPublished = "published", *kWayOut = "way_out", *kBetween = "between";

// nft's numbers for types (its sources call them datatypes).
constexpr SetShape::Part kIpv4{7, 4}, kIpv6{8, 16}, kProtocol{12, 1}, kPort{13, 2},
    kDeviceName{41, IFNAMSIZ};

constexpr int kNameWords = IFNAMSIZ / 4;

constexpr std::array kLoopbackNetwork = {std::byte{127}};

void add_sets(Transaction& transaction) {
  for (const char* set : {kBridges, kInternal, kOpen}) transaction.add_set({set, {kDeviceName}});
  transaction.add_set({kSame, {kDeviceName, kDeviceName}});
  transaction.add_set({kPorts4, {kProtocol, kPort}, {kIpv4, kPort}});
  transaction.add_set({kPorts6, {kProtocol, kPort}, {kIpv6, kPort}});
  transaction.add_set({kPorts4At, {kIpv4, kProtocol, kPort}, {kIpv4, kPort}});
  transaction.add_set({kPorts6At, {kIpv6, kProtocol, kPort}, {kIpv6, kPort}});
}

void add_chains(Transaction& transaction) {
  const int to = NF_IP_PRI_NAT_DST, from = NF_IP_PRI_NAT_SRC;
  transaction.add_chain({kGuard, "filter", NF_INET_PRE_ROUTING, NF_IP_PRI_RAW});
  transaction.add_chain({kPublished});
  transaction.add_chain({kArriving, "nat", NF_INET_PRE_ROUTING, to});
  transaction.add_chain({kLeaving, "nat", NF_INET_LOCAL_OUT, to});
  transaction.add_chain({kWayOut, "nat", NF_INET_POST_ROUTING, from});
  transaction.add_chain({kBetween, "filter", NF_INET_FORWARD, NF_IP_PRI_FILTER});
}

// With route_localnet a bridge takes both for good.
void guard(Transaction& transaction) {
  transaction.add_rule(transaction.rule(kGuard)
                           .is_family(Family::kIpv4)
                           .destination_network()
                           .is(kLoopbackNetwork)
                           .incoming()
                           .in(kBridges)
                           .drop());
  transaction.add_rule(transaction.rule(kGuard)
                           .is_family(Family::kIpv4)
                           .source_network()
                           .is(kLoopbackNetwork)
                           .incoming()
                           .in(kBridges)
                           .drop());
}

// By one address of the host, then by any.
void published(Transaction& transaction, Family family) {
  const bool v6 = family == Family::kIpv6;
  const int address_words = v6 ? 4 : 1;
  transaction.add_rule(transaction.rule(kPublished)
                           .is_family(family)
                           .destination(family)
                           .protocol(address_words)
                           .destination_port(address_words + 1)
                           .map(v6 ? kPorts6At : kPorts4At)
                           .dnat(family, address_words));
  transaction.add_rule(transaction.rule(kPublished)
                           .is_family(family)
                           .protocol()
                           .destination_port(1)
                           .map(v6 ? kPorts6 : kPorts4)
                           .dnat(family, address_words));
}

void way_out(Transaction& transaction) {
  transaction.add_rule(
      transaction.rule(kWayOut).incoming().in(kBridges).outgoing().not_in(kBridges).masquerade());
  transaction.add_rule(transaction.rule(kWayOut)
                           .is_family(Family::kIpv4)
                           .source_network()
                           .is(kLoopbackNetwork)
                           .outgoing()
                           .in(kBridges)
                           .masquerade());
  // The answer would else go straight to its neighbour, who waits for one from the host.
  transaction.add_rule(transaction.rule(kWayOut)
                           .connection_was(IPS_DST_NAT)
                           .incoming()
                           .outgoing(kNameWords)
                           .in(kSame)
                           .masquerade());
  // The same where bridges ask these rules, too: then the packet never leaves its bridge.
  transaction.add_rule(transaction.rule(kWayOut)
                           .connection_was(IPS_DST_NAT)
                           .outgoing()
                           .in(kBridges)
                           .came_by_no_device()
                           .is_from_others()
                           .masquerade());
}

void between(Transaction& transaction, const Routing& routing) {
  const auto rule = [&] { return transaction.rule(kBetween); };
  const std::uint32_t known = NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED);
  transaction.add_rule(rule().connection_is(known).accept());
  transaction.add_rule(rule().incoming().outgoing(kNameWords).in(kSame).accept());
  // It would go out untranslated, with whatever source the container wrote.
  const std::uint32_t invalid = NF_CT_STATE_INVALID_BIT;
  transaction.add_rule(
      rule().connection_is(invalid).incoming().in(kBridges).outgoing().not_in(kBridges).drop());
  transaction.add_rule(rule().incoming().in(kInternal).drop());
  transaction.add_rule(rule().outgoing().in(kInternal).drop());
  transaction.add_rule(rule().connection_was(IPS_DST_NAT).outgoing().in(kBridges).accept());
  transaction.add_rule(rule().incoming().in(kOpen).outgoing().in(kOpen).accept());
  transaction.add_rule(rule().outgoing().in(kBridges).drop());
  const auto ours = std::as_bytes(std::span(kDevicePrefix));
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    if (family == Family::kIpv6 ? routing.ipv6 : routing.ipv4) continue;
    transaction.add_rule(
        rule().is_family(family).incoming().is_not(ours).outgoing().is_not(ours).drop());
  }
}

// A value as it lies in registers: whole words, and zeroes behind it.
void append(Bytes& bytes, std::span<const std::byte> value, std::size_t length) {
  constexpr std::size_t kWord = 4;
  const std::size_t end = bytes.size() + (length + kWord - 1) / kWord * kWord;
  bytes.insert(bytes.end(), value.begin(), value.end());
  bytes.resize(end);
}

void append(Bytes& bytes, const std::string& device) {
  append(bytes,
         std::as_bytes(std::span(device)).first(std::min<std::size_t>(device.size(), IFNAMSIZ - 1)),
         IFNAMSIZ);
}

void append_port(Bytes& bytes, std::uint16_t port) {
  const std::uint16_t swapped = htons(port);
  append(bytes, std::as_bytes(std::span(&swapped, 1)), sizeof swapped);
}

std::uint8_t number_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::kTcp:
      return IPPROTO_TCP;
    case Protocol::kUdp:
      return IPPROTO_UDP;
    case Protocol::kSctp:
      return IPPROTO_SCTP;
  }
  return IPPROTO_TCP;
}

template <class Add>
void by_set(const std::vector<Entry>& entries, Add&& add) {
  std::map<std::string, std::vector<Element>> sets;
  for (const Entry& entry : entries) sets[entry.set].push_back(entry.element);
  for (const auto& [set, elements] : sets) add(set, elements);
}

}  // namespace

void write_table(Transaction& transaction, const Routing& routing) {
  transaction.add_table();
  transaction.remove_rules();
  add_sets(transaction);
  add_chains(transaction);
  guard(transaction);
  const Address loopback6 = Address(Family::kIpv6).plus(1);
  transaction.add_rule(transaction.rule(kLeaving)
                           .is_family(Family::kIpv6)
                           .destination(Family::kIpv6)
                           .is(loopback6.bytes())
                           .accept());
  // From a neighbour on the wire: what is published on 127.0.0.1 is the host's own.
  transaction.add_rule(transaction.rule(kArriving)
                           .is_family(Family::kIpv4)
                           .destination_network()
                           .is(kLoopbackNetwork)
                           .accept());
  for (const char* chain : {kArriving, kLeaving}) {
    transaction.add_rule(transaction.rule(chain).is_to_this_host().jump(kPublished));
  }
  for (const Family family : {Family::kIpv4, Family::kIpv6}) published(transaction, family);
  way_out(transaction);
  between(transaction, routing);
}

std::vector<BridgeEntry> entries_of(const BridgeRules& rules) {
  Element name, twice;
  append(name.key, rules.device);
  append(twice.key, rules.device);
  append(twice.key, rules.device);
  const bool open = !rules.isolated && !rules.internal;
  return {{{kBridges, name}, true},
          {{kSame, twice}, true},
          {{kInternal, name}, rules.internal},
          {{kOpen, name}, open}};
}

Entry entry_of(const PublishedPort& port) {
  const bool v6 = port.target.is_v6(), any = port.host_address.is_unspecified();
  Entry entry;
  entry.set = any ? (v6 ? kPorts6 : kPorts4) : (v6 ? kPorts6At : kPorts4At);
  const auto host = port.host_address.bytes(), target = port.target.bytes();
  if (!any) append(entry.element.key, host, host.size());
  const std::byte protocol{number_of(port.protocol)};
  append(entry.element.key, {&protocol, 1}, 1);
  append_port(entry.element.key, port.host_port);
  append(entry.element.data, target, target.size());
  append_port(entry.element.data, port.container_port);
  return entry;
}

void add_entries(Transaction& transaction, const std::vector<Entry>& entries) {
  by_set(entries,
         [&](const auto& set, const auto& elements) { transaction.add_elements(set, elements); });
}

void remove_entries(Transaction& transaction, const std::vector<Entry>& entries) {
  by_set(entries, [&](const auto& set, const auto& elements) {
    transaction.remove_elements(set, elements);
  });
}

}  // namespace mycontainer::runtime::network
