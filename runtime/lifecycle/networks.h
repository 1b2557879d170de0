// Networks as verbs see them: making and removing them, and which containers are in them. Parent side.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/lifecycle/prune.h"
#include "runtime/network/definition/attachment.h"
#include "runtime/network/definition/definition.h"
#include "runtime/network/definition/pools.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

// Docker's names of what is always there, and their drivers: bridge, host and none.
bool is_predefined(std::string_view name);

// bridge, host and none as they are without having been made: with ids that never change. The driver of
// none is "null".
std::vector<network::Definition> predefined_networks();

// All there are, by name; the predefined ones too.
Result<std::vector<network::Definition>> list_networks(const state::Roots& roots);

// By name or the beginning of an id, a predefined one too. Root makes the default network by looking
// at it: what it says is known then.
Result<network::Definition> find_network(const state::Roots& roots, std::string_view word);

// Checked, stored and brought up; what fails leaves nothing. Only root may.
Result<network::Definition> create_network(const state::Roots& roots, network::Definition wanted,
                                           const network::PoolWords& pools);

// "bridge is a pre-defined network and cannot be removed"; "network NAME not found" (ENOENT); refused
// while a running container is in it. Stopped ones that name it cannot be started until there is one
// of that name again.
Result<void> remove_network(const state::Roots& roots, const std::string& word);

struct NetworkPruneFilter {
  std::optional<state::Nanoseconds> until = {};  // made before
  std::vector<LabelFilter> labels = {};          // all of them
  std::vector<LabelFilter> without_labels = {};  // not all of them
};
bool matches(const NetworkPruneFilter& filter, const network::Definition& network);  // pure

struct NetworksPruned {
  std::vector<std::string> names;
  std::vector<Error> failed;
};
// Removes the networks that no container names, running or not.
Result<NetworksPruned> prune_networks(const state::Roots& roots, const NetworkPruneFilter& filter);

// All of them as they should be in the kernel, whoever removed what.
Result<void> reload_networks(const state::Roots& roots);

struct NetworkMember {
  std::string container_id, name;
  network::Endpoint endpoint;
};
// Those that run, by network id.
std::multimap<std::string, NetworkMember> network_members(const state::Roots& roots);

// The names of the networks that containers name, running or not, with the containers' ids.
Result<std::multimap<std::string, std::string>> network_users(const state::Roots& roots);

}  // namespace mycontainer::runtime::lifecycle
