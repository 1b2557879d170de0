// What may be said of networks together: finish_networks().
#include <algorithm>
#include <optional>

#include "cmd/options/network_options.h"
#include "runtime/engine/networks.h"

namespace mycontainer::cmd::options {
namespace {

using runtime::engine::RunRequest;
using runtime::network::EndpointSettings;
using runtime::network::Kind;

// Of a network that was made with `network create`.
bool is_user_defined(const EndpointSettings& endpoint) {
  return runtime::network::kind_of({endpoint}) == Kind::kMember &&
         endpoint.network != runtime::network::kDefaultNetwork &&
         endpoint.network != runtime::engine::kUnsaidNetwork;
}

Result<void> take(std::string& value, std::string&& typed, const char* conflict) {
  if (typed.empty()) return {};
  if (!value.empty()) return fail("conflicting options: cannot specify both {}", conflict);
  value = std::move(typed);
  return {};
}

bool says_something(const EndpointSettings& endpoint) {
  return !endpoint.ipv4.empty() || !endpoint.ipv6.empty() || !endpoint.mac.empty() ||
         !endpoint.aliases.empty();
}

Result<void> settle_first(RunDraft& draft) {
  EndpointSettings& typed = draft.first_network;
  auto& networks = draft.request.networks;
  if (!says_something(typed)) return {};
  if (networks.empty()) {
    networks.push_back({.network = std::string(runtime::engine::kUnsaidNetwork)});
  }
  EndpointSettings& first = networks.front();
  if (!first.aliases.empty() && !typed.aliases.empty()) {
    return fail("conflicting options: cannot specify both --network-alias and per-network alias");
  }
  if (!typed.aliases.empty()) first.aliases = std::move(typed.aliases);
  TRY_VOID(take(first.ipv4, std::move(typed.ipv4), "--ip and per-network IPv4 address"));
  TRY_VOID(take(first.ipv6, std::move(typed.ipv6), "--ip6 and per-network IPv6 address"));
  return take(first.mac, std::move(typed.mac), "--mac-address and per-network MAC address");
}

Result<void> check_together(const std::vector<EndpointSettings>& networks) {
  for (auto at = networks.begin(); at != networks.end(); ++at) {
    const bool twice = std::any_of(networks.begin(), at, [&](const EndpointSettings& other) {
      return other.network == at->network;
    });
    if (twice) return fail("network \"{}\" is specified multiple times", at->network);
  }
  // The default network goes with others, as it does after `network connect`.
  const auto is_member = [](const EndpointSettings& endpoint) {
    return runtime::network::kind_of({endpoint}) == Kind::kMember;
  };
  if (networks.size() > 1 && !std::ranges::all_of(networks, is_member)) {
    return fail(
        "conflicting options: cannot attach both user-defined and non-user-defined network-modes");
  }
  return {};
}

Result<void> check_endpoint(const EndpointSettings& endpoint) {
  if (is_user_defined(endpoint)) return {};
  if (!endpoint.ipv4.empty() || !endpoint.ipv6.empty()) {
    return fail("user specified IP address is supported on user defined networks only");
  }
  if (!endpoint.aliases.empty()) {
    return fail("network-scoped alias is supported only for containers in user defined networks");
  }
  const bool member = runtime::network::kind_of({endpoint}) == Kind::kMember;
  if (!endpoint.mac.empty() && !member) {
    return fail("conflicting options: mac-address and the network mode");
  }
  return {};
}

// The names inside are the other container's.
Result<void> check_shared(const RunRequest& request) {
  if (!request.hostname.empty()) {
    return fail("conflicting options: hostname and the network mode");
  }
  const auto& names = request.names;
  if (!names.servers.empty() || !names.search.empty() || !names.options.empty()) {
    return fail("conflicting options: dns and the network mode");
  }
  if (!names.hosts.empty()) {
    return fail("conflicting options: custom host-to-IP mapping and the network mode");
  }
  if (!request.ports.empty() || request.publish_all) {
    Error error{"conflicting options: port publishing and the container type network mode"};
    error.hint = "the ports are the other container's: -p belongs to that one";
    return Failure(std::move(error));
  }
  if (!request.expose.empty()) {
    return fail("conflicting options: port exposing and the container type network mode");
  }
  return {};
}

void warn_of_ports(const RunRequest& request, Kind kind, std::vector<std::string>& warnings) {
  const char* mode = kind == Kind::kHost        ? "host"
                     : kind == Kind::kNone      ? "none"
                     : kind == Kind::kNamespace ? "ns"
                                                : nullptr;
  const bool publishes = !request.ports.empty() || request.publish_all;
  if (mode == nullptr || !publishes || request.networks.empty()) return;
  warnings.push_back(fmt::format("Published ports are discarded when using {} network mode", mode));
}

Result<void> take_fallback(RunDraft& draft, std::string_view fallback) {
  if (fallback.empty() || !draft.request.networks.empty()) return {};
  auto added = add_network(draft, fallback);
  if (added) return {};
  return within(fmt::format("invalid value \"{}\" of MYCONTAINER_NETWORK", fallback),
                std::move(added).error());
}

}  // namespace

Result<void> finish_networks(RunDraft& draft, std::string_view fallback,
                             std::vector<std::string>& warnings) {
  TRY_VOID(take_fallback(draft, fallback));
  TRY_VOID(settle_first(draft));
  const auto& networks = draft.request.networks;
  TRY_VOID(check_together(networks));
  for (const EndpointSettings& endpoint : networks) TRY_VOID(check_endpoint(endpoint));
  const Kind kind = runtime::network::kind_of(networks);
  if (kind == Kind::kContainer) TRY_VOID(check_shared(draft.request));
  warn_of_ports(draft.request, kind, warnings);
  return {};
}

}  // namespace mycontainer::cmd::options
