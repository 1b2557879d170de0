// One container in one network: its claim, its device, and the end of both. What Membership and
// connect() share. Parent side; private to runtime/network.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/address/settings.h"
#include "runtime/network/bridge.h"
#include "runtime/network/definition/attachment.h"
#include "runtime/network/definition/definition.h"
#include "runtime/network/definition/places.h"

namespace mycontainer::runtime::network {

struct ClaimRequest {
  const Places& places;
  const std::string& container_id;
  const std::vector<std::string>& names;
  const EndpointSettings& settings;
  int number = 0;  // of the interface: eth0, eth1 ...
};

struct Joining {
  Definition network;
  Up up;
  Endpoint endpoint;
};

// The network is up and the addresses are claimed. Nothing is on failure.
Result<Joining> claim_endpoint(const ClaimRequest& request, Host& host);
// Names and addresses. Whatever of it is there.
void release_endpoint(const Places& places, const std::string& container_id,
                      const Endpoint& endpoint);

// The device, which is not up yet. The name of the host's end may be taken, by the run before whose
// namespace is still ending or by a container whose id begins alike: then the endpoint gets another
// one, and `renamed` is called before the kernel is told, to write it down.
Result<void> add_device(Joining& joining, const std::string& container_id, pid_t pid, Host& host,
                        const std::function<Result<void>()>& renamed);

// Where bridges ask the packet filter (br_netfilter), a packet to a published port of its own sender is
// handed from a port of the bridge to the same one, which has to allow that.
Result<void> let_turn_round(const Attachment& attachment, Links& links);

// Files of /proc/sys/net, in the container's network namespace, before the device is up.
Result<void> settle_inside(const Endpoint& endpoint);

// The default routes through endpoint `index`: of each family through the one with the highest priority
// of those that lead out, or the first of them.
std::vector<Address> gateways_through(const std::vector<Endpoint>& endpoints, std::size_t index);

// Where published ports lead to: of each family to the container's address in the network that its
// answers leave by (gateways_through), of those bridges that have a way in.
std::vector<Address> ways_in(const std::vector<Endpoint>& endpoints);

InsideRequest inside_request(const Endpoint& endpoint, std::vector<Address> gateways);

}  // namespace mycontainer::runtime::network
