#include "runtime/network/firewall/rule.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include <array>

namespace mycontainer::runtime::network {

namespace {

// Where headers have their fields: IPv4 (RFC 791), IPv6 (RFC 8200), TCP, UDP and SCTP alike.
constexpr std::uint32_t kSource4 = 12, kDestination4 = 16, kSource6 = 8, kDestination6 = 24;
constexpr std::uint32_t kSourcePort = 0, kDestinationPort = 2, kPortBytes = 2;
constexpr std::uint32_t kChecksumOfTcp = 16, kChecksumOfUdp = 6;

// The kernel knows the same place as one of four registers of 16 bytes or one of 16 of four; nft
// expects to see the former where it can be.
std::uint32_t register_of(int word) {
  constexpr int kWords = 4;
  return static_cast<std::uint32_t>(word % kWords == 0 ? NFT_REG_1 + word / kWords
                                                       : NFT_REG32_00 + word);
}

template <class Value>
std::span<const std::byte> bytes_of(const Value& value) {
  return std::as_bytes(std::span(&value, 1));
}

std::uint8_t number_of(Family family) {
  return family == Family::kIpv6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
}

}  // namespace

Rule::Rule(const TableName& table, const std::string& chain)
    : message_(table, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND) {
  message_.text(NFTA_RULE_CHAIN, chain).begin(NFTA_RULE_EXPRESSIONS);
}

Result<Request> Rule::take() { return message_.end().take(); }

Rule& Rule::expression(const char* name, const std::function<void()>& fill) {
  message_.nested(NFTA_LIST_ELEM,
                  [&] { message_.text(NFTA_EXPR_NAME, name).nested(NFTA_EXPR_DATA, fill); });
  return *this;
}

Rule& Rule::meta(std::uint32_t key, int word) {
  return expression(
      "meta", [&] { message_.be32(NFTA_META_KEY, key).be32(NFTA_META_DREG, register_of(word)); });
}

Rule& Rule::payload(std::uint32_t base, std::uint32_t offset, std::uint32_t length, int word) {
  return expression("payload", [&] {
    message_.be32(NFTA_PAYLOAD_DREG, register_of(word)).be32(NFTA_PAYLOAD_BASE, base);
    message_.be32(NFTA_PAYLOAD_OFFSET, offset).be32(NFTA_PAYLOAD_LEN, length);
  });
}

Rule& Rule::incoming(int word) { return meta(NFT_META_IIFNAME, word); }
Rule& Rule::outgoing(int word) { return meta(NFT_META_OIFNAME, word); }
Rule& Rule::protocol(int word) { return meta(NFT_META_L4PROTO, word); }

Rule& Rule::source_network() { return payload(NFT_PAYLOAD_NETWORK_HEADER, kSource4, 1, 0); }

Rule& Rule::destination_network() {
  return payload(NFT_PAYLOAD_NETWORK_HEADER, kDestination4, 1, 0);
}

Rule& Rule::source(Family family) {
  const bool v6 = family == Family::kIpv6;
  return payload(NFT_PAYLOAD_NETWORK_HEADER, v6 ? kSource6 : kSource4, v6 ? 16 : 4, 0);
}

Rule& Rule::destination(Family family) {
  const bool v6 = family == Family::kIpv6;
  return payload(NFT_PAYLOAD_NETWORK_HEADER, v6 ? kDestination6 : kDestination4, v6 ? 16 : 4, 0);
}

Rule& Rule::source_port(int word) {
  return payload(NFT_PAYLOAD_TRANSPORT_HEADER, kSourcePort, kPortBytes, word);
}

Rule& Rule::destination_port(int word) {
  return payload(NFT_PAYLOAD_TRANSPORT_HEADER, kDestinationPort, kPortBytes, word);
}

Rule& Rule::write_port(std::uint32_t offset, std::uint8_t protocol) {
  const std::uint32_t checksum = protocol == IPPROTO_TCP ? kChecksumOfTcp : kChecksumOfUdp;
  return expression("payload", [&] {
    message_.be32(NFTA_PAYLOAD_SREG, register_of(0));
    message_.be32(NFTA_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER);
    message_.be32(NFTA_PAYLOAD_OFFSET, offset).be32(NFTA_PAYLOAD_LEN, kPortBytes);
    message_.be32(NFTA_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET);
    message_.be32(NFTA_PAYLOAD_CSUM_OFFSET, checksum);
  });
}

Rule& Rule::set_source_port(std::uint8_t protocol) { return write_port(kSourcePort, protocol); }
Rule& Rule::set_destination_port(std::uint8_t protocol) {
  return write_port(kDestinationPort, protocol);
}

Rule& Rule::immediate(std::span<const std::byte> bytes, int word) {
  return expression("immediate", [&] {
    message_.be32(NFTA_IMMEDIATE_DREG, register_of(word)).value(NFTA_IMMEDIATE_DATA, bytes);
  });
}

Rule& Rule::compare(std::uint32_t operation, std::span<const std::byte> bytes) {
  return expression("cmp", [&] {
    message_.be32(NFTA_CMP_SREG, register_of(0)).be32(NFTA_CMP_OP, operation);
    message_.value(NFTA_CMP_DATA, bytes);
  });
}

Rule& Rule::is(std::span<const std::byte> bytes) { return compare(NFT_CMP_EQ, bytes); }
Rule& Rule::is_not(std::span<const std::byte> bytes) { return compare(NFT_CMP_NEQ, bytes); }

Rule& Rule::is_family(Family family) {
  meta(NFT_META_NFPROTO, 0);
  return is(bytes_of(number_of(family)));
}

Rule& Rule::address_type(std::uint32_t of) {
  return expression("fib", [&] {
    message_.be32(NFTA_FIB_DREG, register_of(0)).be32(NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
    message_.be32(NFTA_FIB_FLAGS, of);
  });
}

Rule& Rule::is_to_this_host() {
  const std::uint32_t local = RTN_LOCAL;
  return address_type(NFTA_FIB_F_DADDR).is(bytes_of(local));
}

Rule& Rule::is_from_others() {
  const std::uint32_t local = RTN_LOCAL;
  return address_type(NFTA_FIB_F_SADDR).is_not(bytes_of(local));
}

Rule& Rule::came_by_no_device() {
  const std::uint32_t none = 0;
  return meta(NFT_META_IIF, 0).is(bytes_of(none));
}

Rule& Rule::lookup(const std::string& set, std::uint32_t flags, bool is_map) {
  return expression("lookup", [&] {
    message_.text(NFTA_LOOKUP_SET, set).be32(NFTA_LOOKUP_SREG, register_of(0));
    if (is_map) message_.be32(NFTA_LOOKUP_DREG, register_of(0));
    if (flags != 0) message_.be32(NFTA_LOOKUP_FLAGS, flags);
  });
}

Rule& Rule::in(const std::string& set) { return lookup(set, 0, false); }
Rule& Rule::not_in(const std::string& set) { return lookup(set, NFT_LOOKUP_F_INV, false); }
Rule& Rule::map(const std::string& map) { return lookup(map, 0, true); }

Rule& Rule::conntrack(std::uint32_t key, std::uint32_t mask) {
  const std::uint32_t zero = 0;
  expression("ct", [&] { message_.be32(NFTA_CT_KEY, key).be32(NFTA_CT_DREG, register_of(0)); });
  expression("bitwise", [&] {
    message_.be32(NFTA_BITWISE_SREG, register_of(0)).be32(NFTA_BITWISE_DREG, register_of(0));
    message_.be32(NFTA_BITWISE_LEN, sizeof mask).value(NFTA_BITWISE_MASK, bytes_of(mask));
    message_.value(NFTA_BITWISE_XOR, bytes_of(zero));
  });
  return is_not(bytes_of(zero));
}

Rule& Rule::connection_is(std::uint32_t states) { return conntrack(NFT_CT_STATE, states); }
Rule& Rule::connection_was(std::uint32_t status) { return conntrack(NFT_CT_STATUS, status); }

Rule& Rule::dnat(Family family, int port_word) {
  return expression("nat", [&] {
    message_.be32(NFTA_NAT_TYPE, NFT_NAT_DNAT).be32(NFTA_NAT_FAMILY, number_of(family));
    message_.be32(NFTA_NAT_REG_ADDR_MIN, register_of(0));
    message_.be32(NFTA_NAT_REG_PROTO_MIN, register_of(port_word));
  });
}

Rule& Rule::masquerade() {
  return expression("masq", [] {});
}

Rule& Rule::verdict(std::uint32_t code, const std::string& chain) {
  return expression("immediate", [&] {
    message_.be32(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT).nested(NFTA_IMMEDIATE_DATA, [&] {
      message_.nested(NFTA_DATA_VERDICT, [&] {
        message_.be32(NFTA_VERDICT_CODE, code);
        if (!chain.empty()) message_.text(NFTA_VERDICT_CHAIN, chain);
      });
    });
  });
}

Rule& Rule::accept() { return verdict(NF_ACCEPT, {}); }
Rule& Rule::drop() { return verdict(NF_DROP, {}); }
Rule& Rule::jump(const std::string& chain) {
  return verdict(static_cast<std::uint32_t>(NFT_JUMP), chain);
}

}  // namespace mycontainer::runtime::network
