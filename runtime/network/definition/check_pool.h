// Whether a subnet can be a network's, and what is said of it. Pure; private to this folder.
#pragma once

#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/definition/definition.h"

namespace mycontainer::runtime::network {

// That was asked for. `routes` are those of the host that count (choose_pools).
Result<void> check_subnet(const Definition& definition, const Subnet& subnet,
                          const std::vector<Definition>& others, const std::vector<Subnet>& routes);

// Gateway, range and reserved addresses.
Result<void> check_members(const Pool& pool);

}  // namespace mycontainer::runtime::network
