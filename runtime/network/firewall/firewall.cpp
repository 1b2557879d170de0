#include "runtime/network/firewall/firewall.h"

#include <fcntl.h>
#include <linux/netfilter.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdint>

#include "reexec/sys/file.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/network/firewall/connections.h"
#include "runtime/network/firewall/socket.h"
#include "runtime/network/firewall/table.h"
#include "runtime/network/firewall/transaction.h"

namespace mycontainer::runtime::network {

namespace {

constexpr const char *kTable = "mycontainer", *kDefaultState = "/run/mycontainer";

// FNV-1a, 32 bits (RFC 9923): the same in every run and every build.
std::uint32_t digest_of(std::string_view text) {
  constexpr std::uint32_t kBasis = 2166136261, kPrime = 16777619;
  std::uint32_t digest = kBasis;
  for (const char c : text) digest = (digest ^ static_cast<unsigned char>(c)) * kPrime;
  return digest;
}

std::string table_of(const std::string& state) {
  if (state == kDefaultState) return kTable;
  return fmt::format("{}-{:08x}", kTable, digest_of(state));
}

TableName named(const std::string& table) { return {table, NFPROTO_INET}; }

// The file stays: who removed it would let two hold the lock at once.
Result<UniqueFd> lock(const std::string& live, int operation) {
  const std::string path = live + "/firewall.lock";
  const int flags = O_RDWR | O_CREAT | O_NOFOLLOW;
  auto file = sys::open_at(AT_FDCWD, path, flags, 0600);
  if (!file && file.error().code == ENOENT) {
    TRY_VOID(sys::make_directories(live, 0700));
    file = sys::open_at(AT_FDCWD, path, flags, 0600);
  }
  if (!file) return file;
  while (::flock(file->get(), operation) < 0) {
    if (errno != EINTR) return fail_errno("lock {}", path);
  }
  return file;
}

Result<bool> is_there(Netlink& netlink, const std::string& table, const Entry& entry) {
  TRY(const auto found, look_up(netlink, named(table), entry.set, entry.element.key));
  return found.has_value();
}

}  // namespace

Firewall::Firewall() = default;
Firewall::Firewall(Firewall&&) noexcept = default;
Firewall& Firewall::operator=(Firewall&&) noexcept = default;
Firewall::~Firewall() = default;

Result<Firewall> Firewall::open(const Places& places) {
  auto netlink = Netlink::open(NETLINK_NETFILTER);
  if (!netlink) {
    if (netlink.error().code == EPROTONOSUPPORT) return without_nf_tables();
    return Failure(std::move(netlink).error());
  }
  Firewall firewall;
  firewall.socket_ = std::make_unique<Socket>(Socket{std::move(*netlink)});
  firewall.table_ = table_of(places.state);
  firewall.live_ = places.live();
  firewall.mark4_ = places.forwarding_was_off(Family::kIpv4);
  firewall.mark6_ = places.forwarding_was_off(Family::kIpv6);
  return firewall;
}

int Firewall::fd() const { return socket_ ? socket_->netlink.fd() : -1; }

Routing Firewall::routing() const {
  return {::access(mark4_.c_str(), F_OK) != 0, ::access(mark6_.c_str(), F_OK) != 0};
}

Result<bool> Firewall::has_bridge(const std::string& device) {
  const auto entries = entries_of({device});
  return is_there(socket_->netlink, table_, entries.front().entry);
}

Result<void> Firewall::add_bridge(const BridgeRules& rules) {
  TRY(const UniqueFd held, lock(live_, LOCK_EX));
  Transaction transaction(named(table_));
  write_table(transaction, routing());
  for (const auto& [entry, wanted] : entries_of(rules)) {
    if (wanted) {
      add_entries(transaction, {entry});
      continue;
    }
    TRY(const bool there, is_there(socket_->netlink, table_, entry));
    if (there) remove_entries(transaction, {entry});
  }
  return transaction.commit(socket_->netlink);
}

Result<void> Firewall::remove_bridge(const std::string& device) {
  TRY(const UniqueFd held, lock(live_, LOCK_EX));
  Transaction transaction(named(table_));
  for (const auto& [entry, wanted] : entries_of({device})) {
    TRY(const bool there, is_there(socket_->netlink, table_, entry));
    if (there) remove_entries(transaction, {entry});
  }
  return transaction.commit(socket_->netlink);
}

Result<void> Firewall::publish(std::span<const PublishedPort> ports) {
  if (ports.empty()) return {};
  TRY(UniqueFd held, lock(live_, LOCK_SH));
  Transaction transaction(named(table_));
  std::vector<Entry> entries;
  for (const PublishedPort& port : ports) entries.push_back(entry_of(port));
  add_entries(transaction, entries);
  auto done = transaction.commit(socket_->netlink);
  held.reset();  // reading all connections may take a while
  if (done) forget_flows(socket_->netlink, ports);
  if (done) return done;
  if (done.error().code != EBUSY) return done;
  return fail_code(EEXIST, "publish: another container has the port");
}

// Alone: nobody else may take the port between the look and the removal.
Result<void> Firewall::withdraw(std::span<const PublishedPort> ports) {
  if (ports.empty()) return {};
  TRY(UniqueFd held, lock(live_, LOCK_EX));
  std::vector<Entry> ours;
  for (const PublishedPort& port : ports) {
    Entry entry = entry_of(port);
    TRY(const auto data, look_up(socket_->netlink, named(table_), entry.set, entry.element.key));
    if (data == entry.element.data) ours.push_back(std::move(entry));
  }
  Transaction transaction(named(table_));
  remove_entries(transaction, ours);
  TRY_VOID(transaction.commit(socket_->netlink));
  held.reset();
  forget_flows(socket_->netlink, ports);
  return {};
}

// A table must be there to be removed.
Result<void> Firewall::replace(std::span<const BridgeRules> bridges,
                               std::span<const PublishedPort> ports) {
  TRY(const UniqueFd held, lock(live_, LOCK_EX));
  Transaction transaction(named(table_));
  transaction.add_table();
  transaction.remove_table();
  write_table(transaction, routing());
  std::vector<Entry> entries;
  for (const BridgeRules& rules : bridges) {
    for (const auto& [entry, wanted] : entries_of(rules)) {
      if (wanted) entries.push_back(entry);
    }
  }
  for (const PublishedPort& port : ports) entries.push_back(entry_of(port));
  add_entries(transaction, entries);
  return transaction.commit(socket_->netlink);
}

Result<void> Firewall::remove_table() {
  TRY(const UniqueFd held, lock(live_, LOCK_EX));
  Transaction transaction(named(table_));
  transaction.add_table();
  transaction.remove_table();
  return transaction.commit(socket_->netlink);
}

}  // namespace mycontainer::runtime::network
