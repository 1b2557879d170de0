// The networks there are, on disk (places.h). Reading takes no lock.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
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

// The destinations of the host's routes, of the calling thread's network namespace.
Result<std::vector<Subnet>> routed_subnets();

// 64 random hexadecimal digits.
Result<std::string> new_network_id();

// Held by whoever looks which subnets and devices are taken, until he has stored what he chose. Waits
// for who holds it.
Result<UniqueFd> lock_definitions(const Places& places);

// Stores it, with an id, a time and a device of its own where it has none. "network with name NAME
// already exists", code 0 for a plain line; a device that another network has is an error, too. What
// is missing of the pools must have been chosen (choose_pools). Removes what killed processes left.
Result<Definition> store(const Places& places, Definition definition);
// Forgets it: the definition alone.
Result<void> forget(const Places& places, const Definition& definition);

// "bridge", which is made with the first container that joins it: its device is mc0, or the next
// number that is free. Its id is always this one.
inline constexpr std::string_view kDefaultNetworkId =
    "ad2047d2cfa2dada973f7d1e52b75cd8434944b6dcb221886eada73571782727";
Result<Definition> default_network(const Places& places);

}  // namespace mycontainer::runtime::network
