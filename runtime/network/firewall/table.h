// The text of our rules: what firewall.h draws. Parent side; private to runtime/network/firewall.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "runtime/network/definition/attachment.h"
#include "runtime/network/firewall/firewall.h"
#include "runtime/network/firewall/transaction.h"

namespace mycontainer::runtime::network {

inline constexpr const char *kBridges = "bridges", *kInternal = "internal", *kOpen = "open",
                            *kSame = "same";

// Table, sets, chains and rules. Where they are there already the rules are written anew, and the
// sets keep what they hold.
void write_table(Transaction& transaction, const Routing& routing);

// One thing in one set.
struct Entry {
  std::string set;
  Element element;
};
// All that a bridge may be in, and whether it should be.
struct BridgeEntry {
  Entry entry;
  bool wanted = true;
};
std::vector<BridgeEntry> entries_of(const BridgeRules& rules);
Entry entry_of(const PublishedPort& port);

// Adds them, those of one set together.
void add_entries(Transaction& transaction, const std::vector<Entry>& entries);
void remove_entries(Transaction& transaction, const std::vector<Entry>& entries);

}  // namespace mycontainer::runtime::network
