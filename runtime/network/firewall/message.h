// One message to nf_tables being written. Parent side; private to runtime/network/firewall.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "reexec/sys/error.h"
#include "runtime/network/netlink/request.h"

namespace mycontainer::runtime::network {

// Whom it is about: a table of a family (NFPROTO_INET, NFPROTO_IPV4).
struct TableName {
  std::string name;
  std::uint8_t family = 0;
};

// The only thing that can go wrong in writing is that there is too much or no memory, so the first
// such error is kept and told by take().
class Message {
 public:
  // `operation`: NFT_MSG_*. The attribute that names the table has number 1 in every one of them.
  Message(const TableName& table, int operation, int flags);

  Message& be32(int attribute, std::uint32_t value);
  Message& text(int attribute, const std::string& value);
  Message& bytes(int attribute, std::span<const std::byte> value);
  // What is added between these two lies inside.
  Message& begin(int attribute);
  Message& end();
  template <class Fill>
  Message& nested(int attribute, Fill&& fill) {
    begin(attribute);
    std::forward<Fill>(fill)();
    return end();
  }
  // NFTA_DATA_VALUE inside `attribute`.
  Message& value(int attribute, std::span<const std::byte> value);

  Result<Request> take();

 private:
  Message& keep(Result<void> done);
  std::optional<Request> request_;
  std::optional<Error> error_;
};

}  // namespace mycontainer::runtime::network
