// Connecting a container with a network, and the contrary, while it runs or not. Parent side.
#pragma once

#include <string>

#include "reexec/sys/error.h"
#include "runtime/network/address/settings.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

// `endpoint.network` is what was typed. A container that does not run joins with its next start. Docker's
// errors: for one that has the host's network, another container's or none; for a network that it
// is in already; for what the default network does not have.
Result<void> connect(const state::Roots& roots, const std::string& container_id,
                     network::EndpointSettings endpoint);

// With `force` it is no error when the container is not in the network, or is gone.
Result<void> disconnect(const state::Roots& roots, const std::string& container_id,
                        const std::string& network, bool force);

}  // namespace mycontainer::runtime::lifecycle
