#include "runtime/lifecycle/networks.h"

#include <unistd.h>

#include <algorithm>

#include "reexec/sys/file.h"
#include "runtime/network/address/settings.h"
#include "runtime/network/addresses.h"
#include "runtime/network/bridge.h"
#include "runtime/network/definition/store.h"
#include "runtime/network/members.h"
#include "runtime/network/netlink/links.h"
#include "runtime/state/event_log.h"
#include "runtime/state/live.h"
#include "runtime/state/places.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::lifecycle {

namespace {

using network::Definition;

Definition predefined(std::string_view name, std::string_view driver, std::string_view id) {
  Definition definition;
  definition.id = id;
  definition.name = name;
  definition.driver = driver;
  return definition;
}

state::Event event_of(const Definition& network, std::string action) {
  return {state::now(),
          "network",
          std::move(action),
          network.id,
          {{"name", network.name}, {"type", network.driver}}};
}

Result<void> need_root() {
  if (::geteuid() == 0) return {};
  return Failure(Error{"networks take root", 0,
                       "an ordinary user's containers have --network pasta, slirp4netns, host and "
                       "none",
                       0});
}

// What it was brought up to before it failed is gone.
Result<void> bring_up_or_undo(const network::Places& places, const Definition& made) {
  auto host = network::Host::open(places);
  const auto up =
      host ? network::bring_up(places, made, *host) : Result<network::Up>(Failure(host.error()));
  if (up) return {};
  if (!network::take_down(places, made)) {
    (void)network::forget(places, made);
    (void)sys::remove_tree_at(AT_FDCWD, places.live_of(made.id));
  }
  return Failure(up.error());
}

bool has_label(const Definition& network, const LabelFilter& filter) {
  const auto label = network.labels.find(filter.key);
  return label != network.labels.end() && (!filter.value || label->second == *filter.value);
}

// A definition that nobody can read is removed by its name; its device is not known.
Result<Definition> to_remove(const network::Places& places, const std::string& word) {
  auto found = network::find(places, word);
  const bool is_broken = !found && found.error().code == 0 && network::is_network_name(word) &&
                         ::access((places.networks() + "/" + word).c_str(), F_OK) == 0;
  if (!is_broken) return found;
  Definition broken;
  broken.name = word;
  TRY_VOID(network::forget(places, broken));
  return broken;
}

// Its exit was published; what its supervisor still cleans up is nobody's business.
bool has_ended(const state::Roots& roots, const std::string& container_id) {
  const auto run = state::ExitWaiter::open(roots, container_id);
  return run && !run->has_value();
}

// Whether those who are in the network need but a moment to be gone.
bool is_being_left(const state::Roots& roots, const Definition& network) {
  const auto claims = network::claimed_addresses(state::places_of(roots), network.id);
  return claims && std::ranges::all_of(*claims, [&](const network::Claimed& claim) {
           return has_ended(roots, claim.container_id);
         });
}

// So that `stop` and then `network rm` works: waits for supervisors that are about to leave.
Result<void> take_down(const state::Roots& roots, const Definition& network) {
  constexpr int kMicrosecondsBetween = 5000, kAttempts = 1000;
  for (int attempt = 1;; ++attempt) {
    auto down = network::take_down(state::places_of(roots), network);
    const bool busy = !down && down.error().code == EBUSY;
    if (!busy || attempt == kAttempts || !is_being_left(roots, network)) return down;
    ::usleep(kMicrosecondsBetween);
  }
}

Result<void> remove(const state::Roots& roots, const Definition& network) {
  TRY_VOID(take_down(roots, network));
  state::append_event(roots, event_of(network, "destroy"));
  return {};
}

}  // namespace

bool is_predefined(std::string_view name) {
  return name == network::kDefaultNetwork || name == network::kHostNetwork ||
         name == network::kNoneNetwork;
}

std::vector<Definition> predefined_networks() {
  return {predefined(network::kDefaultNetwork, "bridge", network::kDefaultNetworkId),
          predefined(network::kHostNetwork, "host",
                     "377b4ac80396cb537762ab52396cc8f7d859773e39588d63e25c093c25f41e82"),
          predefined(network::kNoneNetwork, "null",
                     "07cb3b0476165952e6be114c74664b14fd3d63c745a17bdea7bb2fcec79970f5")};
}

Result<std::vector<Definition>> list_networks(const state::Roots& roots) {
  TRY(auto all, network::list(state::places_of(roots)));
  for (Definition& one : predefined_networks()) {
    if (std::ranges::find(all, one.name, &Definition::name) == all.end()) {
      all.push_back(std::move(one));
    }
  }
  std::ranges::sort(all, {}, &Definition::name);
  return all;
}

Result<Definition> find_network(const state::Roots& roots, std::string_view word) {
  const network::Places places = state::places_of(roots);
  auto found = network::find(places, word);
  if (found || found.error().code != ENOENT) return found;
  for (const Definition& one : predefined_networks()) {
    if (one.name != word && (word.empty() || !one.id.starts_with(word))) continue;
    const bool can_be_made = one.name == network::kDefaultNetwork && ::geteuid() == 0;
    return can_be_made ? network::default_network(places) : one;
  }
  return found;
}

Result<Definition> create_network(const state::Roots& roots, Definition wanted,
                                  const network::PoolWords& pools) {
  TRY_VOID(network::check_network_name(wanted.name));
  TRY_VOID(network::check_options(wanted));
  TRY(wanted.pools, network::pools_of(pools));
  TRY_VOID(need_root());
  const network::Places places = state::places_of(roots);
  if (const auto present = network::read(places, wanted.name); present) {
    return fail("network with name {} already exists", wanted.name);
  }
  Definition made;
  {
    TRY(const UniqueFd lock, network::lock_definitions(places));
    TRY(const auto others, network::list(places));
    TRY(const auto routes, network::routed_subnets());
    TRY_VOID(network::choose_pools(wanted, others, routes));
    TRY(made, network::store(places, std::move(wanted)));
  }
  TRY_VOID(bring_up_or_undo(places, made));
  state::append_event(roots, event_of(made, "create"));
  return made;
}

Result<void> remove_network(const state::Roots& roots, const std::string& word) {
  if (is_predefined(word)) {
    return fail("{} is a pre-defined network and cannot be removed", word);
  }
  TRY_VOID(need_root());
  TRY(const Definition network, to_remove(state::places_of(roots), word));
  if (network.id.empty()) return {};
  if (is_predefined(network.name)) {
    return fail("{} is a pre-defined network and cannot be removed", network.name);
  }
  return remove(roots, network);
}

bool matches(const NetworkPruneFilter& filter, const Definition& network) {
  const auto has = [&](const LabelFilter& label) { return has_label(network, label); };
  if (filter.until && network.created >= *filter.until) return false;
  if (!std::ranges::all_of(filter.labels, has)) return false;
  return filter.without_labels.empty() || !std::ranges::all_of(filter.without_labels, has);
}

Result<NetworksPruned> prune_networks(const state::Roots& roots, const NetworkPruneFilter& filter) {
  NetworksPruned pruned;
  TRY(const auto all, network::list(state::places_of(roots)));
  TRY(const auto users, network_users(roots));
  for (const Definition& network : all) {
    if (is_predefined(network.name) || !matches(filter, network)) continue;
    if (users.contains(network.name)) continue;
    auto removed = remove(roots, network);
    if (removed) {
      pruned.names.push_back(network.name);
    } else if (removed.error().code != EBUSY && removed.error().code != ENOENT) {
      pruned.failed.push_back(std::move(removed).error());
    }
  }
  if (!pruned.names.empty()) {
    state::append_event(roots, {state::now(), "network", "prune", "", {{"reclaimed", "0"}}});
  }
  return pruned;
}

Result<void> reload_networks(const state::Roots& roots) {
  TRY_VOID(need_root());
  return network::reload(state::places_of(roots));
}

std::multimap<std::string, NetworkMember> network_members(const state::Roots& roots) {
  std::multimap<std::string, NetworkMember> members;
  for (const network::Member& member : network::living_members(state::places_of(roots))) {
    if (has_ended(roots, member.container_id)) continue;
    const auto container = state::Container::open(roots, member.container_id);
    const auto record = container ? container->read() : Result<state::Record>(state::Record{});
    for (const network::Endpoint& endpoint : member.attachment.endpoints) {
      members.emplace(endpoint.network_id,
                      NetworkMember{member.container_id, record ? record->name : "", endpoint});
    }
  }
  return members;
}

Result<std::multimap<std::string, std::string>> network_users(const state::Roots& roots) {
  TRY(const auto all, state::list(roots));
  std::multimap<std::string, std::string> users;
  for (const state::Listed& item : all) {
    for (const network::EndpointSettings& endpoint : item.record.networks) {
      users.emplace(endpoint.network, item.record.id);
    }
  }
  return users;
}

}  // namespace mycontainer::runtime::lifecycle
