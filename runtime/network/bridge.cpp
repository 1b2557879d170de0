#include "runtime/network/bridge.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "reexec/sys/file.h"
#include "reexec/sys/log.h"
#include "reexec/sys/replace_file.h"
#include "runtime/network/addresses.h"
#include "runtime/network/definition/store.h"
#include "runtime/network/endpoint.h"
#include "runtime/network/forwarding.h"
#include "runtime/network/members.h"
#include "runtime/network/network_device.h"
#include "runtime/network/rules.h"

namespace mycontainer::runtime::network {

namespace {

std::string marker_of(const Places& places, const Definition& network) {
  return places.live_of(network.id) + "/up";
}

// The index that the marker says; 0: none.
int marked_index(const Places& places, const Definition& network) {
  const auto text = sys::read_file_at(AT_FDCWD, marker_of(places, network));
  int index = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), index);
  return index;
}

// What is there of it. The rules are asked for only when the device is as the marker says.
struct Present {
  bool marked = false, device = false, rules = false;
  Up up = {};
  [[nodiscard]] bool all() const { return marked && device && rules; }
};

Result<Present> look(const Places& places, const Definition& network, Host& host) {
  Present present;
  const int index = marked_index(places, network);
  present.marked = index != 0;
  if (!present.marked) return present;
  TRY(const auto link, host.links().find(network.device));
  present.device = link && link->index == index && link->up;
  if (!present.device) return present;
  present.up = {index, network.mtu().value_or(link->mtu)};
  if (is_bridge(network)) {
    TRY(Firewall* const firewall, host.firewall());
    TRY(present.rules, firewall->has_bridge(network.device));
  } else {
    present.rules = true;
  }
  return present;
}

// Of a directory that take_down() may remove while the lock is waited for.
Result<UniqueFd> lock(const Places& places, const Definition& network) {
  const std::string directory = places.live_of(network.id);
  while (true) {
    TRY_VOID(sys::make_directories(directory, 0700));
    UniqueFd file(
        ::open((directory + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file && errno == ENOENT) continue;
    if (!file) return fail_errno("open {}/lock", directory);
    while (::flock(file.get(), LOCK_EX) < 0) {
      if (errno != EINTR) return fail_errno("lock {}", directory);
    }
    struct stat status {};
    if (::fstat(file.get(), &status) == 0 && status.st_nlink != 0) return file;
  }
}

Result<void> check_still_known(const Places& places, const Definition& network) {
  const auto known = read(places, network.name);
  if (known && known->id == network.id) return {};
  (void)sys::remove_tree_at(AT_FDCWD, places.live_of(network.id));
  if (!known && known.error().code != ENOENT) return Failure(known.error());
  return fail_code(ENOENT, "network {} was removed", network.name);
}

Result<void> mark(const Places& places, const Definition& network, int index) {
  TRY(const UniqueFd directory,
      sys::open_at(AT_FDCWD, places.live_of(network.id), O_PATH | O_DIRECTORY));
  return sys::replace_file_at(directory.get(), "up", std::to_string(index), 0600);
}

// Those that lost their bridge.
void attach_members(const Places& places, const Definition& network, const Up& up, Host& host) {
  for (const Member& member : living_members(places)) {
    for (const Endpoint& endpoint : member.attachment.endpoints) {
      if (endpoint.network_id != network.id || endpoint.host_interface.empty()) continue;
      (void)host.links().set_bridge(endpoint.host_interface, up.index);
    }
    (void)let_turn_round(member.attachment, host.links());
  }
}

// An answer may come back by a rule of theirs, and then nobody understands what is missing.
void warn_of_foreign_drops(Firewall& firewall) {
  const auto chains = firewall.foreign_drops();
  if (!chains) return;
  for (const std::string& chain : *chains) {
    log_warn(
        "the packet filter's chain \"{0}\" drops what it does not know, containers' packets too: "
        "nft insert rule {0} iifname \"{1}*\" accept, and the same with oifname, let them through",
        chain, kDevicePrefix);
  }
}

// Once it was up, all rules are put in place again: who flushed its rules flushed everybody's.
Result<void> make_rules(const Places& places, const Definition& network, const Present& present,
                        Host& host) {
  TRY_VOID(note_forwarding(places, network));
  TRY(Firewall* const firewall, host.firewall());
  warn_of_foreign_drops(*firewall);
  if (!present.marked) return firewall->add_bridge(rules_of(network));
  TRY(const auto networks, list(places));
  return restore_rules(places, *firewall, networks);
}

// The device, which the rules already wait for, and the marker.
Result<Up> make_the_rest(const Places& places, const Definition& network, const Present& present,
                         Host& host) {
  TRY(const Up up, make_device(places, network, host.links()));
  if (is_bridge(network)) {
    TRY_VOID(allow_forwarding(network));
    if (present.marked) attach_members(places, network, up, host);
  }
  TRY_VOID(mark(places, network, up.index));
  return up;
}

std::string short_id(const std::string& id) { return id.substr(0, 12); }

Result<void> refuse_when_used(const Places& places, const Definition& network) {
  TRY(const auto claimed, claimed_addresses(places, network.id));
  if (claimed.empty()) return {};
  std::vector<std::string> ids;
  for (const Claimed& claim : claimed) {
    const std::string id = short_id(claim.container_id);
    if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
  }
  std::string text = ids.front();
  if (ids.size() > 1) text += fmt::format(" and {} more", ids.size() - 1);
  return fail_code(EBUSY, "network {} has active endpoints (container {})", network.name, text);
}

// Who wrote the table anew before there was a marker did not know of this network (rules.cpp).
Result<Up> check_rules(const Definition& network, const Up& up, Host& host) {
  if (!is_bridge(network)) return up;
  TRY(Firewall* const firewall, host.firewall());
  TRY(const bool there, firewall->has_bridge(network.device));
  if (!there) TRY_VOID(firewall->add_bridge(rules_of(network)));
  return up;
}

// The rules come first: nothing is let through before they say what.
Result<Up> make(const Places& places, const Definition& network, const Present& present,
                Host& host) {
  TRY(const auto before, host.links().find(network.device));
  auto ruled = is_bridge(network) ? make_rules(places, network, present, host) : Result<void>();
  auto up = ruled ? make_the_rest(places, network, present, host)
                  : Result<Up>(Failure(std::move(ruled).error()));
  if (up) up = check_rules(network, *up, host);
  // The marker may have been taken by who was killed while he found out that the network is in use.
  if (up || present.marked || !refuse_when_used(places, network)) return up;
  // Nothing is left of what had not been there.
  if (!before) (void)remove_device(places, network, host.links());
  if (is_bridge(network)) {
    if (auto firewall = host.firewall()) (void)(*firewall)->remove_bridge(network.device);
  }
  (void)sys::remove_tree_at(AT_FDCWD, places.live_of(network.id));
  return up;
}

// What has no errno says itself which network it is about.
Failure explain(const Definition& network, Error error) {
  if (error.code == EPERM || error.code == EACCES) {
    error.hint = "networks take root: the right to administer the host's network (CAP_NET_ADMIN)";
  }
  if (error.code == 0 || error.code == ENOENT || error.code == EADDRINUSE) {
    return Failure(std::move(error));
  }
  return within("network " + network.name, std::move(error));
}

Result<Up> bring_up_slowly(const Places& places, const Definition& network, Host& host) {
  TRY(const UniqueFd locked, lock(places, network));
  TRY_VOID(check_still_known(places, network));
  TRY(const Present present, look(places, network, host));
  if (present.all()) return present.up;
  return make(places, network, present, host);
}

}  // namespace

Result<Up> bring_up(const Places& places, const Definition& network, Host& host) {
  auto present = look(places, network, host);
  if (!present) return explain(network, std::move(present).error());
  if (present->all()) return present->up;
  auto up = bring_up_slowly(places, network, host);
  if (!up) return explain(network, std::move(up).error());
  return up;
}

bool is_marked_up(const Places& places, const Definition& network) {
  return ::access(marker_of(places, network).c_str(), F_OK) == 0;
}

Result<void> take_down(const Places& places, const Definition& network) {
  TRY(const UniqueFd locked, lock(places, network));
  TRY_VOID(check_still_known(places, network));
  const int index = marked_index(places, network);
  ::unlink(marker_of(places, network).c_str());
  if (auto refused = refuse_when_used(places, network); !refused) {
    if (index != 0) TRY_VOID(mark(places, network, index));
    return refused;
  }
  TRY(Host host, Host::open(places));
  if (is_bridge(network)) {
    TRY(Firewall* const firewall, host.firewall());
    TRY_VOID(firewall->remove_bridge(network.device));
  }
  TRY_VOID(remove_device(places, network, host.links()));
  TRY_VOID(forget(places, network));
  return sys::remove_tree_at(AT_FDCWD, places.live_of(network.id));
}

namespace {

// Of all of them at once.
Result<void> reload_rules(const Places& places, const std::vector<Definition>& networks,
                          Host& host) {
  for (const Definition& network : networks) TRY_VOID(note_forwarding(places, network));
  TRY(Firewall* const firewall, host.firewall());
  return restore_rules(places, *firewall, networks);
}

}  // namespace

Result<void> reload(const Places& places) {
  TRY(const auto all, list(places));
  const auto networks = networks_in_use(places, all);
  TRY(Host host, Host::open(places));
  TRY_VOID(reload_rules(places, networks, host));
  Result<void> outcome;
  for (const Definition& network : networks) {
    TRY(const UniqueFd locked, lock(places, network));
    if (!check_still_known(places, network)) continue;
    auto up = make_the_rest(places, network, {.marked = true}, host);
    if (!up && outcome) outcome = explain(network, std::move(up).error());
  }
  return outcome;
}

}  // namespace mycontainer::runtime::network
