// The rules of all networks and of all running containers together. Parent side; private to
// runtime/network.
#pragma once

#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/definition/definition.h"
#include "runtime/network/definition/places.h"
#include "runtime/network/firewall/firewall.h"

namespace mycontainer::runtime::network {

// As a bridge's rules depend on its definition.
BridgeRules rules_of(const Definition& network);

// Those that are up, or that a living container is in.
std::vector<Definition> networks_in_use(const Places& places, std::vector<Definition> networks);

// The table anew: the bridges of those of `networks` that are in use, and every port that a living
// container publishes.
Result<void> restore_rules(const Places& places, Firewall& firewall,
                           const std::vector<Definition>& networks);

}  // namespace mycontainer::runtime::network
