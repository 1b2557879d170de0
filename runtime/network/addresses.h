// Who has which address: claims in <state>/networks/<id>/addresses (definition/places.h).
//
// A claim is the directory <address> with the file <container id> in it. It is made aside and put
// in its place by rename(2), which replaces an empty directory and refuses one that is not
// (rename(2): ENOTEMPTY): so nobody needs a lock, and who removes a claim removes that of one container by
// its name and never another's. A killed container's claim stays until somebody needs the
// address, or collects the container.
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
  std::optional<Address> gateway;
};

// The next free address of the family; of `wanted` exactly that. Goes on from where the last search
// ended, so that an address rests before it is used again. Neither the network's own address, the
// broadcast address, gateways nor reserved ones. Errors: "no free address is left in network NAME
// (10.1.2.0/24)", "address 10.1.2.3 is already in use by container 0123456789ab", "... is not in
// a subnet of network NAME".
Result<Claim> claim_address(const Places& places, const Definition& network, Family family,
                            const std::string& container_id, std::optional<Address> wanted = {});
// Nothing happens when it is not this container's.
void release_address(const Places& places, const std::string& network_id, const Address& address,
                     const std::string& container_id);

// All claims of one network whose container lives: address and container id.
struct Claimed {
  Address address;
  std::string container_id;
};
Result<std::vector<Claimed>> claimed_addresses(const Places& places, const std::string& network_id);

}  // namespace mycontainer::runtime::network
