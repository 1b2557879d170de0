// Which networks a new container joins and which ports it publishes: what was asked for, with the
// defaults filled in and names resolved. Parent side.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/engine/run_request.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::engine {

// Docker's word for the network that a container joins when nothing is said.
inline constexpr std::string_view kUnsaidNetwork = "default";

// request.networks as a record has them: without the word above, networks by their names, containers
// by their ids; empty for none. An ordinary user's default is what is installed, pasta or slirp4netns.
// Nothing is made. Errors: "network NAME not found"; a network that ordinary users cannot join, or
// that is theirs alone; a path that is no network namespace.
Result<std::vector<network::EndpointSettings>> resolve_networks(const RunRequest& request,
                                                                const state::Roots& roots);

// The record of the container whose network is joined: of "container:ID".
Result<state::Record> container_named(std::string_view mode, const state::Roots& roots);

// Docker's NetworkMode.
std::string network_mode(const std::vector<network::EndpointSettings>& networks);

// What the image and the request expose, and what is published: "80/tcp", each once. Pure.
std::vector<std::string> exposed_ports(const RunRequest& request,
                                       const std::vector<std::string>& of_image);
// What -p says, and with -P any free port for each that is exposed and not published. Pure.
std::vector<network::PortMapping> published_ports(const RunRequest& request,
                                                  const std::vector<std::string>& exposed);

}  // namespace mycontainer::runtime::engine
