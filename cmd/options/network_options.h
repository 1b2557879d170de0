// Options about the networks that a container joins: --network, --ip, --mac-address ... Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cmd/options/run_draft.h"
#include "reexec/sys/error.h"

namespace mycontainer::cmd::options {

// None, host, bridge, default, a network's name, container:NAME, ns:PATH, pasta, slirp4netns; or
// Docker's long form "name=web,alias=db,ip=10.1.2.3,ip6=..,mac-address=..,driver-opt=K=V,gw-priority=1"
// as CSV. A PATH is taken from the caller's working directory.
Result<void> add_network(RunDraft& draft, std::string_view value);
// Of the network that was named first, or of the default one.
Result<void> set_ip(RunDraft& draft, std::string_view value);
Result<void> set_ip6(RunDraft& draft, std::string_view value);
Result<void> set_mac_address(RunDraft& draft, std::string_view value);
Result<void> add_network_alias(RunDraft& draft, std::string_view value);
// What there is not, with the better way named.
Result<void> refuse_link(RunDraft& draft, std::string_view value);
Result<void> refuse_link_local(RunDraft& draft, std::string_view value);

// --ip and the like go to the first network. `fallback` (MYCONTAINER_NETWORK) is as if it was typed when no
// --network was. What contradicts itself is refused in Docker's words; `warnings` gets what is
// no error.
Result<void> finish_networks(RunDraft& draft, std::string_view fallback,
                             std::vector<std::string>& warnings);

}  // namespace mycontainer::cmd::options
