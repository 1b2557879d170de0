// Who is called what in a network, as files (definition/places.h). Announcing and withdrawing are the
// parent's; who reads them is the name service (members.h). Nobody takes a lock, a killed process
// leaves whole entries or none, and doing it twice does no harm.
//
//   <network id>/names/<name in lower case>/<container id> -> "10.1.2.3,fd00::3"
//                                     a symbolic link: written and read by one call, never half
//   <network id>/reverse/<address> -> "<container id>/web.net"   for PTR questions
//   members/<container id>/<network id> -> "net", of an internal network "net/internal"
//   alive/<container id>             a file that the container's name service has locked (fcntl(2),
//                                    F_OFD_SETLK): unlocked, the container is dead
//
// Entries that begin with '.' are being written. The name service has no privileges: the directories
// can be read by everybody who reaches them, and <state> is closed to all but root.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/network/definition/attachment.h"
#include "runtime/network/definition/places.h"

namespace mycontainer::runtime::network {

// The name in lower case, when it can be asked for: labels of a-z, 0-9, '-' and '_', of at most 63
// characters, with dots between them, at most 253 in all.
std::optional<std::string> dns_name(std::string_view name);

// Endpoint::names with Endpoint::addresses; a name may be several containers'. Names that nobody can
// ask for are left out. The network's member from then on, also when it has no names (the default
// network).
Result<void> announce(const Places& places, const std::string& container_id,
                      const Endpoint& endpoint);
// Before the addresses are released: another container may then have them at once.
void withdraw_names(const Places& places, const std::string& container_id,
                    const Endpoint& endpoint);

// Whether the container has a name service that lives.
bool is_served(const Places& places, const std::string& container_id);

// A new alive/<container id>, locked until all copies of the descriptor are closed. The container's
// name service holds it, which dies with the container's supervisor: so that an unprivileged reader
// can tell who was killed before anybody collected him. It goes with the last network.
Result<UniqueFd> lock_membership(const Places& places, const std::string& container_id);

}  // namespace mycontainer::runtime::network
