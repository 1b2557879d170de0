#include "runtime/network/firewall/message.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

namespace mycontainer::runtime::network {

namespace {

constexpr int kTableAttribute = 1;
static_assert(kTableAttribute == NFTA_TABLE_NAME && kTableAttribute == NFTA_CHAIN_TABLE &&
              kTableAttribute == NFTA_RULE_TABLE && kTableAttribute == NFTA_SET_TABLE &&
              kTableAttribute == NFTA_SET_ELEM_LIST_TABLE);

}  // namespace

Message::Message(const TableName& table, int operation, int flags) {
  auto request = Request::make(NFNL_SUBSYS_NFTABLES << 8 | operation, flags,
                               nfgenmsg{table.family, NFNETLINK_V0, 0});
  if (!request) {
    error_ = std::move(request).error();
    return;
  }
  request_ = std::move(*request);
  text(kTableAttribute, table.name);
}

Message& Message::keep(Result<void> done) {
  if (!done && !error_) error_ = std::move(done).error();
  return *this;
}

Message& Message::be32(int attribute, std::uint32_t value) {
  return error_ ? *this : keep(request_->add_be32(attribute, value));
}

Message& Message::text(int attribute, const std::string& value) {
  return error_ ? *this : keep(request_->add(attribute, value));
}

Message& Message::bytes(int attribute, std::span<const std::byte> value) {
  return error_ ? *this : keep(request_->add(attribute, value));
}

Message& Message::begin(int attribute) { return error_ ? *this : keep(request_->begin(attribute)); }

Message& Message::end() { return error_ ? *this : keep(request_->end()); }

Message& Message::value(int attribute, std::span<const std::byte> value) {
  return nested(attribute, [&] { bytes(NFTA_DATA_VALUE, value); });
}

Result<Request> Message::take() {
  if (error_) return Failure(std::move(*error_));
  return std::move(*request_);
}

}  // namespace mycontainer::runtime::network
