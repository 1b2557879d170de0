#include "runtime/engine/networks.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "runtime/engine/shared_network.h"
#include "runtime/network/definition/store.h"
#include "runtime/network/user_mode/provider.h"
#include "runtime/state/places.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::engine {

namespace {

using network::EndpointSettings;
using network::Kind;

bool is_ordinary_user() { return ::geteuid() != 0; }

// Which takes a good pasta, or slirp4netns; the latter can publish nothing on an IPv6 address.
bool publishes_tcp_to_ipv4(const RunRequest& request) {
  const auto is_tcp = [](const network::PortMapping& port) {
    return port.protocol == network::Protocol::kTcp;
  };
  const auto is_v6 = [](const network::PortMapping& port) {
    return port.host_address.find(':') != std::string::npos;
  };
  return (request.publish_all || std::ranges::any_of(request.ports, is_tcp)) &&
         std::ranges::none_of(request.ports, is_v6);
}

std::string default_network(const RunRequest& request) {
  if (!is_ordinary_user()) return std::string(network::kDefaultNetwork);
  std::string provider = network::installed_provider(publishes_tcp_to_ipv4(request));
  return provider.empty() ? std::string(network::kNoneNetwork) : provider;
}

// What was asked for of a network that is not to be had.
Result<void> check_unsaid(const RunRequest& request, const EndpointSettings& endpoint) {
  if (endpoint.network != network::kNoneNetwork) return {};
  if (request.ports.empty() && !request.publish_all && endpoint.mac.empty()) return {};
  Error error{"an ordinary user has no network here"};
  error.hint =
      "pasta (Debian's package passt) or slirp4netns must be installed, and /dev/net/tun yours to "
      "open";
  return Failure(std::move(error));
}

Failure not_for_users(const std::string& name) {
  Error error{fmt::format("network {} is a bridge, which takes root to join", name)};
  error.hint = "an ordinary user has pasta, slirp4netns, host and none";
  return Failure(std::move(error));
}

Result<void> check_user_mode(const EndpointSettings& endpoint) {
  if (!is_ordinary_user()) {
    return fail("network mode {} is for ordinary users: root has bridge networks",
                endpoint.network);
  }
  if (endpoint.mac.empty()) return {};
  return fail("conflicting options: mac-address and the network mode");
}

// The network's name: what was typed may be the beginning of its id.
Result<std::string> name_of(const std::string& word, const state::Roots& roots) {
  if (is_ordinary_user()) return not_for_users(word);
  if (word == network::kDefaultNetwork) return word;
  auto found = network::find(state::places_of(roots), word);
  if (found) return std::move(found->name);
  if (found.error().code != ENOENT) return Failure(std::move(found).error());
  return fail("network {} not found", word);
}

Result<std::string> container_of(std::string_view mode, const state::Roots& roots) {
  const std::string_view word = mode.substr(network::kContainerPrefix.size());
  TRY(const std::string id, state::find(roots, word));
  return std::string(network::kContainerPrefix) + id;
}

// An ordinary user would have to join the host's own user namespace to enter it from another.
Result<void> check_container(const std::string& mode, const state::Roots& roots) {
  TRY(const state::Record other, container_named(mode, roots));
  if (!is_ordinary_user() || network::kind_of(other.networks) != Kind::kHost) return {};
  return fail("container {} has the host's network: use --network host", other.name);
}

Result<void> resolve(EndpointSettings& endpoint, const state::Roots& roots) {
  switch (network::kind_of({endpoint})) {
    case Kind::kNone:
    case Kind::kHost:
      return {};
    case Kind::kUserMode:
      return check_user_mode(endpoint);
    case Kind::kNamespace:
      return check_namespace(endpoint.network.substr(network::kNamespacePrefix.size()));
    case Kind::kContainer: {
      TRY(endpoint.network, container_of(endpoint.network, roots));
      return check_container(endpoint.network, roots);
    }
    case Kind::kMember:
      break;
  }
  TRY(endpoint.network, name_of(endpoint.network, roots));
  return {};
}

}  // namespace

Result<std::vector<EndpointSettings>> resolve_networks(const RunRequest& request,
                                                       const state::Roots& roots) {
  std::vector<EndpointSettings> networks = request.networks;
  if (networks.empty()) networks.push_back({.network = std::string(kUnsaidNetwork)});
  for (EndpointSettings& endpoint : networks) {
    if (endpoint.network == kUnsaidNetwork) {
      endpoint.network = default_network(request);
      TRY_VOID(check_unsaid(request, endpoint));
    }
    TRY_VOID(resolve(endpoint, roots));
  }
  for (auto at = networks.begin(); at != networks.end(); ++at) {
    const auto same = [&](const EndpointSettings& other) { return other.network == at->network; };
    if (std::any_of(networks.begin(), at, same)) {
      return fail("network \"{}\" is specified multiple times", at->network);
    }
  }
  if (network::kind_of(networks) == Kind::kNone) networks.clear();
  return networks;
}

Result<state::Record> container_named(std::string_view mode, const state::Roots& roots) {
  const std::string id(mode.substr(network::kContainerPrefix.size()));
  TRY(const auto container, state::Container::open(roots, id));
  return container.read();
}

std::string network_mode(const std::vector<EndpointSettings>& networks) {
  return networks.empty() ? std::string(network::kNoneNetwork) : networks.front().network;
}

}  // namespace mycontainer::runtime::engine
