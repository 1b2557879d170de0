// The end of a container's membership of networks. Parent side; private to runtime/network.
#pragma once

#include <string>

#include "runtime/network/definition/attachment.h"
#include "runtime/network/definition/places.h"
#include "runtime/network/host.h"

namespace mycontainer::runtime::network {

// Rules, names, claims; then network.json. Whatever of it is there. The devices go with the namespace.
void undo(const Places& places, const std::string& container_id, const std::string& live_directory,
          const Attachment& attachment, Host& host);

// Of all killed containers: somebody waits for what they have.
void forget_dead_members(const Places& places, Host& host);

}  // namespace mycontainer::runtime::network
