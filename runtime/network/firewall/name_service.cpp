#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>

#include <array>

#include "runtime/network/firewall/firewall.h"
#include "runtime/network/firewall/transaction.h"

namespace mycontainer::runtime::network {

namespace {

constexpr const char *kAsked = "asked", *kAnswered = "answered";
constexpr std::array kAddress = {std::byte{127}, std::byte{0}, std::byte{0}, std::byte{11}};
constexpr std::uint16_t kPort = 53;

template <class Value>
std::span<const std::byte> bytes_of(const Value& value) {
  return std::as_bytes(std::span(&value, 1));
}

// Without conntrack, which would then look at each packet of the container. Where the container itself has
// it do so, it sees the same port both ways: the question is changed before it, the answer behind it.
void add_redirect(Transaction& transaction, std::uint8_t protocol, std::uint16_t port) {
  const std::uint16_t asked = htons(kPort), served = htons(port);
  transaction.add_rule(transaction.rule(kAsked)
                           .destination(Family::kIpv4)
                           .is(kAddress)
                           .protocol()
                           .is(bytes_of(protocol))
                           .destination_port()
                           .is(bytes_of(asked))
                           .immediate(bytes_of(served))
                           .set_destination_port(protocol));
  transaction.add_rule(transaction.rule(kAnswered)
                           .source(Family::kIpv4)
                           .is(kAddress)
                           .protocol()
                           .is(bytes_of(protocol))
                           .source_port()
                           .is(bytes_of(served))
                           .immediate(bytes_of(asked))
                           .set_source_port(protocol));
}

}  // namespace

Result<void> redirect_name_service(std::uint16_t udp_port, std::uint16_t tcp_port) {
  auto netlink = Netlink::open(NETLINK_NETFILTER);
  if (!netlink) {
    if (netlink.error().code == EPROTONOSUPPORT) return without_nf_tables();
    return Failure(std::move(netlink).error());
  }
  Transaction transaction({"mycontainer", NFPROTO_IPV4});
  transaction.add_table();
  transaction.remove_rules();
  transaction.add_chain({kAsked, "filter", NF_INET_LOCAL_OUT, NF_IP_PRI_RAW});
  transaction.add_chain({kAnswered, "filter", NF_INET_LOCAL_IN, NF_IP_PRI_MANGLE});
  add_redirect(transaction, IPPROTO_UDP, udp_port);
  add_redirect(transaction, IPPROTO_TCP, tcp_port);
  return transaction.commit(*netlink);
}

}  // namespace mycontainer::runtime::network
