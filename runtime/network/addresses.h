// Who has which address: claims in <state>/networks/<id>/addresses (definition/places.h).
//
// A claim is the directory <address> with the file <container id>.<random> in it. It is made aside
// ("new-<container id>.<random>") and put in its place by rename(2), which replaces an empty directory
// and refuses one that is not (rename(2): ENOTEMPTY): so nobody needs a lock. Each claim has a name
// that none had before: who removes one that he has found to be a dead container's never removes what
// the same container claimed meanwhile. A killed container's claim stays until somebody needs the
// address, or sweeps.
//
// Whoever claims for a container has made it alive (Places::is_alive) before, and no other process
// claims for it at the same time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/address/address.h"
#include "runtime/network/definition/definition.h"
#include "runtime/network/definition/places.h"

namespace mycontainer::runtime::network {

struct Claim {
  Address address;
  int length = 0;  // of the subnet's prefix
  std::optional<Address> gateway = {};
};

// The next free address of the family; of `wanted` exactly that. Goes on from where the last search
// ended, so that an address rests before it is used again. Neither the network's own address, the
// broadcast address, gateways nor reserved ones; of a pool with a range those in the range, but
// `wanted` may be any of the subnet's. Errors: "no free address is left in network NAME
// (10.1.2.0/24)", "address 10.1.2.3 is already in use by container 0123456789ab", "... is not in
// a subnet of network NAME".
Result<Claim> claim_address(const Places& places, const Definition& network, Family family,
                            const std::string& container_id, std::optional<Address> wanted = {});
// Nothing happens when it is not this container's.
void release_address(const Places& places, const std::string& network_id, const Address& address,
                     const std::string& container_id);

// Whatever it has claimed in any network: of one that was killed before it could write down what.
void release_all_addresses(const Places& places, const std::string& container_id);

// Removes all claims of containers that do not live, and what killed claimers left: once a directory
// has been read, so not on the way of a start. How many addresses are free by it.
std::size_t sweep_addresses(const Places& places, const std::string& network_id);

// All claims of one network whose container lives: address and container id.
struct Claimed {
  Address address;
  std::string container_id;
};
Result<std::vector<Claimed>> claimed_addresses(const Places& places, const std::string& network_id);

}  // namespace mycontainer::runtime::network
