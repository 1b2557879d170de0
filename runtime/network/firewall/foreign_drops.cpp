#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <cstring>
#include <optional>

#include "runtime/network/firewall/firewall.h"
#include "runtime/network/firewall/socket.h"

namespace mycontainer::runtime::network {

namespace {

std::optional<std::uint32_t> number_in(std::span<const std::byte> bytes) {
  std::uint32_t number = 0;
  if (bytes.size() != sizeof number) return {};
  std::memcpy(&number, bytes.data(), sizeof number);
  return ntohl(number);
}

std::string text_in(std::span<const std::byte> bytes) {
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  return {text, ::strnlen(text, bytes.size())};
}

const char* family_name(std::uint8_t family) {
  switch (family) {
    case NFPROTO_INET:
      return "inet";
    case NFPROTO_IPV4:
      return "ip";
    case NFPROTO_IPV6:
      return "ip6";
    default:
      return nullptr;
  }
}

// "ip filter FORWARD", when the chain of this message is such a one.
std::string dropping_chain(const nlmsghdr& message, const std::string& ours) {
  if (message.nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN)) return {};
  const auto attribute = [&](int type) { return find_attribute(message, sizeof(nfgenmsg), type); };
  nfgenmsg header{};
  std::memcpy(&header, NLMSG_DATA(&message), sizeof header);
  const char* family = family_name(header.nfgen_family);
  const auto hook = number_in(find_attribute(attribute(NFTA_CHAIN_HOOK), NFTA_HOOK_HOOKNUM));
  const auto policy = number_in(attribute(NFTA_CHAIN_POLICY));
  const std::string table = text_in(attribute(NFTA_CHAIN_TABLE));
  if (family == nullptr || hook != NF_INET_FORWARD || policy != NF_DROP || table == ours) return {};
  return fmt::format("{} {} {}", family, table, text_in(attribute(NFTA_CHAIN_NAME)));
}

}  // namespace

Result<std::vector<std::string>> Firewall::foreign_drops() {
  TRY(const Request request, Request::make(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN, NLM_F_DUMP,
                                           nfgenmsg{NFPROTO_UNSPEC, NFNETLINK_V0, 0}));
  std::vector<std::string> chains;
  TRY_VOID(socket_->netlink.talk(request, [&](const nlmsghdr& message) {
    std::string chain = dropping_chain(message, table_);
    if (!chain.empty()) chains.push_back(std::move(chain));
  }));
  return chains;
}

}  // namespace mycontainer::runtime::network
