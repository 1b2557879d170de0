// What nf_tables is to do in one go, all of it or nothing. Parent side; private to
// runtime/network/firewall.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/firewall/message.h"
#include "runtime/network/firewall/rule.h"
#include "runtime/network/netlink/netlink.h"

namespace mycontainer::runtime::network {

using Bytes = std::vector<std::byte>;

// A set, or with `data` a map. nf_tables stores the types for whoever lists it (nft's numbers for
// them, of a concatenation six bits each) and goes by the lengths.
struct SetShape {
  struct Part {
    std::uint32_t type = 0;
    std::uint32_t length = 0;  // in bytes; each part takes whole words
  };
  std::string name;
  std::vector<Part> key, data = {};
};

struct ChainShape {
  std::string name;
  const char* type = nullptr;  // "filter", "nat"; none: only jumped to
  std::uint32_t hook = 0;      // NF_INET_*
  int priority = 0;
};

struct Element {
  Bytes key, data = {};
};

class Transaction {
 public:
  explicit Transaction(TableName table) : table_(std::move(table)) {}

  // What is there already is no error, but a set or chain of another shape is.
  void add_table();
  void remove_table();
  void remove_rules();  // of all chains
  void add_set(const SetShape& set);
  void add_chain(const ChainShape& chain);
  [[nodiscard]] Rule rule(const std::string& chain) const { return {table_, chain}; }
  void add_rule(Rule& rule);
  // An element with the same key and data is success, with the same key and other data EBUSY.
  void add_elements(const std::string& set, std::span<const Element> elements);
  void remove_elements(const std::string& set,
                       std::span<const Element> elements);  // missing: ENOENT

  [[nodiscard]] bool empty() const { return requests_.empty() && !error_; }
  // The error names what was refused.
  Result<void> commit(Netlink& netlink);

 private:
  void add(const char* purpose, Message& message);
  void keep(const char* purpose, Result<Request> request);
  void list_elements(int operation, const std::string& set, std::span<const Element> elements);
  TableName table_;
  std::vector<Request> requests_;
  std::vector<const char*> purposes_;
  std::optional<Error> error_;
};

// The data of one element (of a set's: empty); none when element, set or table is missing.
Result<std::optional<Bytes>> look_up(Netlink& netlink, const TableName& table,
                                     const std::string& set, const Bytes& key);

// "the kernel has no nf_tables", with what the user can do.
Failure without_nf_tables();

}  // namespace mycontainer::runtime::network
