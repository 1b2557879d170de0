// Who is called what in a network: <state>/networks/<id>/names (definition/places.h).
//
//   names/<name in lower case>/<container id> -> "10.1.2.3,fd00::3"    a symbolic link: written and
//                                                                      read by one call, never half
//   reverse/<address>                         -> "web.net"             for PTR questions
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/definition/attachment.h"
#include "runtime/network/definition/places.h"

namespace mycontainer::runtime::network {

// Endpoint::names with Endpoint::addresses; a name may be several containers'.
Result<void> announce(const Places& places, const std::string& container_id,
                      const Endpoint& endpoint);
void withdraw_names(const Places& places, const std::string& container_id,
                    const Endpoint& endpoint);

}  // namespace mycontainer::runtime::network
