#include "runtime/network/firewall/transaction.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <array>

namespace mycontainer::runtime::network {

namespace {

constexpr std::uint32_t kTypeBits = 6, kWord = 4;
// So that they fit in one nested attribute: of 100 bytes at most each.
constexpr std::size_t kElementsPerMessage = 500;

std::uint32_t length_of(const std::vector<SetShape::Part>& parts) {
  std::uint32_t length = 0;
  for (const auto& part : parts) length += (part.length + kWord - 1) / kWord * kWord;
  return length;
}

std::uint32_t type_of(const std::vector<SetShape::Part>& parts) {
  std::uint32_t type = 0;
  for (const auto& part : parts) type = type << kTypeBits | part.type;
  return type;
}

void put_element(Message& message, const Element& element) {
  message.nested(NFTA_LIST_ELEM, [&] {
    message.value(NFTA_SET_ELEM_KEY, element.key);
    if (!element.data.empty()) message.value(NFTA_SET_ELEM_DATA, element.data);
  });
}

}  // namespace

void Transaction::keep(const char* purpose, Result<Request> request) {
  if (!request) {
    if (!error_) error_ = std::move(request).error();
    return;
  }
  requests_.push_back(std::move(*request));
  purposes_.push_back(purpose);
}

void Transaction::add(const char* purpose, Message& message) { keep(purpose, message.take()); }

void Transaction::add_table() {
  Message message(table_, NFT_MSG_NEWTABLE, NLM_F_CREATE);
  add("make the table", message.be32(NFTA_TABLE_FLAGS, 0));
}

void Transaction::remove_table() {
  Message message(table_, NFT_MSG_DELTABLE, 0);
  add("remove the table", message);
}

void Transaction::remove_rules() {
  Message message(table_, NFT_MSG_DELRULE, 0);
  add("remove the rules", message);
}

void Transaction::add_set(const SetShape& set) {
  Message message(table_, NFT_MSG_NEWSET, NLM_F_CREATE);
  message.text(NFTA_SET_NAME, set.name);
  message.be32(NFTA_SET_FLAGS, set.data.empty() ? 0 : NFT_SET_MAP);
  message.be32(NFTA_SET_KEY_TYPE, type_of(set.key)).be32(NFTA_SET_KEY_LEN, length_of(set.key));
  if (!set.data.empty()) {
    message.be32(NFTA_SET_DATA_TYPE, type_of(set.data));
    message.be32(NFTA_SET_DATA_LEN, length_of(set.data));
  }
  // For nft alone: names are bytes in their order, which it would else turn round.
  constexpr std::array<std::uint8_t, 6> kInHostOrder = {0, 4, 1, 0, 0, 0};
  if (set.key.size() == 1) message.bytes(NFTA_SET_USERDATA, std::as_bytes(std::span(kInHostOrder)));
  message.be32(NFTA_SET_ID, static_cast<std::uint32_t>(requests_.size() + 1));
  add("make a set", message);
}

void Transaction::add_chain(const ChainShape& chain) {
  Message message(table_, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
  message.text(NFTA_CHAIN_NAME, chain.name);
  if (chain.type != nullptr) {
    message.nested(NFTA_CHAIN_HOOK, [&] {
      message.be32(NFTA_HOOK_HOOKNUM, chain.hook);
      message.be32(NFTA_HOOK_PRIORITY, static_cast<std::uint32_t>(chain.priority));
    });
    message.text(NFTA_CHAIN_TYPE, chain.type);
  }
  add("make a chain", message);
}

void Transaction::add_rule(Rule& rule) { keep("make a rule", rule.take()); }

void Transaction::list_elements(int operation, const std::string& set,
                                std::span<const Element> elements) {
  const bool adding = operation == NFT_MSG_NEWSETELEM;
  while (!elements.empty()) {
    const auto some = elements.first(std::min(elements.size(), kElementsPerMessage));
    elements = elements.subspan(some.size());
    Message message(table_, operation, adding ? NLM_F_CREATE : 0);
    message.text(NFTA_SET_ELEM_LIST_SET, set).nested(NFTA_SET_ELEM_LIST_ELEMENTS, [&] {
      for (const Element& element : some) put_element(message, element);
    });
    add(adding ? "add to a set" : "take from a set", message);
  }
}

void Transaction::add_elements(const std::string& set, std::span<const Element> elements) {
  list_elements(NFT_MSG_NEWSETELEM, set, elements);
}

void Transaction::remove_elements(const std::string& set, std::span<const Element> elements) {
  list_elements(NFT_MSG_DELSETELEM, set, elements);
}

Failure without_nf_tables() {
  Error error{"the kernel has no nf_tables, which container networks take", EOPNOTSUPP};
  error.hint = "--network none and --network host do without";
  return Failure(std::move(error));
}

Result<void> Transaction::commit(Netlink& netlink) {
  if (error_) return Failure(*error_);
  std::size_t refused = requests_.size();
  auto done = netlink.transact(NFNL_SUBSYS_NFTABLES, requests_, &refused);
  if (done) return {};
  const int code = done.error().code;
  if (refused == requests_.size()) {
    if (code == EOPNOTSUPP) return without_nf_tables();
    return within("change the packet filter", std::move(done).error());
  }
  auto failure = fail_code(code, "change the packet filter: {} in the nftables table {}",
                           purposes_[refused], table_.name);
  // An expression, a chain's type or a family that is not built in, and no module has it.
  const bool lacks = code == EAFNOSUPPORT || code == EOPNOTSUPP ||
                     (code == ENOENT && purposes_[refused] == std::string_view("make a rule"));
  if (lacks)
    failure.value().hint =
        "the kernel's nf_tables lacks a part (nft_nat, nft_masq, nft_fib, nft_ct)";
  return failure;
}

Result<std::optional<Bytes>> look_up(Netlink& netlink, const TableName& table,
                                     const std::string& set, const Bytes& key) {
  Message message(table, NFT_MSG_GETSETELEM, NLM_F_ACK);
  message.text(NFTA_SET_ELEM_LIST_SET, set).nested(NFTA_SET_ELEM_LIST_ELEMENTS, [&] {
    put_element(message, {key});
  });
  TRY(const Request request, message.take());
  Bytes data;
  const auto done = netlink.talk(request, [&data](const nlmsghdr& answer) {
    const auto list = find_attribute(answer, sizeof(nfgenmsg), NFTA_SET_ELEM_LIST_ELEMENTS);
    const auto element = find_attribute(list, NFTA_LIST_ELEM);
    const auto value = find_attribute(find_attribute(element, NFTA_SET_ELEM_DATA), NFTA_DATA_VALUE);
    data.assign(value.begin(), value.end());
  });
  if (done) return data;
  if (done.error().code == ENOENT) return std::optional<Bytes>();
  if (done.error().code == EOPNOTSUPP || done.error().code == EINVAL) return without_nf_tables();
  return within("ask the packet filter", done.error());
}

}  // namespace mycontainer::runtime::network
