// The networks there are, on disk (places.h). Reading takes no lock.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/definition/definition.h"
#include "runtime/network/definition/places.h"

namespace mycontainer::runtime::network {

// By its name, or by the beginning of exactly one id. "network NAME not found" (exit status 1 is the
// caller's to set), code ENOENT.
Result<Definition> find(const Places& places, std::string_view word);
// Of exactly this name: one open(2) and one read(2), for the way of a start.
Result<Definition> read(const Places& places, const std::string& name);
// By name. A broken one is left out, with a line in the diagnostics.
Result<std::vector<Definition>> list(const Places& places);

// Stores it, with an id, a time and a device of its own. "network with name NAME already exists", code
// EEXIST. What is missing of the pools must have been chosen (choose_pools).
Result<Definition> store(const Places& places, Definition definition);
// Forgets it: the definition alone.
Result<void> forget(const Places& places, const Definition& definition);

// "bridge", which is made with the first container that joins it: its device is mc0, or the next
// number that is free.
Result<Definition> default_network(const Places& places);

// Fills in what was not asked for: an IPv4 subnet (and an IPv6 one with `ipv6`) that overlaps
// none of the host's routes, none of `others`; gateways; and checks what was asked for. A subnet that
// another network has, or that a route of the host leads into or exactly to, is an error that names it.
Result<void> choose_pools(Definition& definition, const std::vector<Definition>& others,
                          const std::vector<Subnet>& routes);

}  // namespace mycontainer::runtime::network
