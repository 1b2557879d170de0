#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>

#include <array>

#include "runtime/network/firewall/firewall.h"
#include "runtime/network/firewall/transaction.h"

namespace mycontainer::runtime::network {

namespace {

constexpr const char* kChain = "name_service";
constexpr std::array kAddress = {std::byte{127}, std::byte{0}, std::byte{0}, std::byte{11}};
constexpr std::uint16_t kPort = 53;

template <class Value>
std::span<const std::byte> bytes_of(const Value& value) {
  return std::as_bytes(std::span(&value, 1));
}

// The answer goes the same way back: conntrack gives it the address and port that were asked.
void add_redirect(Transaction& transaction, std::uint8_t protocol, std::uint16_t port) {
  const std::uint16_t asked = htons(kPort), served = htons(port);
  transaction.add_rule(transaction.rule(kChain)
                           .destination(Family::kIpv4)
                           .is(kAddress)
                           .protocol()
                           .is(bytes_of(protocol))
                           .destination_port()
                           .is(bytes_of(asked))
                           .immediate(kAddress)
                           .immediate(bytes_of(served), 1)
                           .dnat(Family::kIpv4, 1));
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
  transaction.add_chain({kChain, "nat", NF_INET_LOCAL_OUT, NF_IP_PRI_NAT_DST});
  add_redirect(transaction, IPPROTO_UDP, udp_port);
  add_redirect(transaction, IPPROTO_TCP, tcp_port);
  return transaction.commit(*netlink);
}

}  // namespace mycontainer::runtime::network
