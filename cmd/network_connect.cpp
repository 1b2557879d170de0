#include <array>

#include "cmd/network_text.h"
#include "cmd/options/domain_name.h"
#include "cmd/options/members.h"
#include "cmd/verbs.h"
#include "runtime/lifecycle/connect.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd {
namespace {

using options::Option;
using runtime::network::Address;
using runtime::network::EndpointSettings;
using runtime::network::Family;

struct Force {
  bool force = false;
};

Result<std::string> address_of(std::string_view text, Family family) {
  const auto address = Address::parse(text);
  if (address && address->family() == family && !address->is_unspecified()) {
    return address->to_text();
  }
  return fail("invalid IPv{} address: {}", family == Family::kIpv6 ? 6 : 4, text);
}

Result<void> set_ip(EndpointSettings& endpoint, std::string_view value) {
  TRY(endpoint.ipv4, address_of(value, Family::kIpv4));
  return {};
}
Result<void> set_ip6(EndpointSettings& endpoint, std::string_view value) {
  TRY(endpoint.ipv6, address_of(value, Family::kIpv6));
  return {};
}

Result<void> add_aliases(EndpointSettings& endpoint, std::string_view value) {
  while (true) {
    const std::size_t comma = value.find(',');
    const std::string_view alias = value.substr(0, comma);
    if (!options::is_domain_name(alias)) return fail("invalid network alias: {}", alias);
    endpoint.aliases.emplace_back(alias);
    if (comma == std::string_view::npos) return {};
    value.remove_prefix(comma + 1);
  }
}

Result<void> add_driver_option(EndpointSettings& endpoint, std::string_view value) {
  const std::size_t equals = value.find('=');
  if (equals == 0 || equals == value.npos) {
    return fail("invalid key/value pair format in driver options");
  }
  endpoint.driver_options[std::string(value.substr(0, equals))] = value.substr(equals + 1);
  return {};
}

Result<void> set_priority(EndpointSettings& endpoint, std::string_view value) {
  TRY(endpoint.gateway_priority, options::parse_integer<int>(value));
  return {};
}

Result<void> refuse_link(EndpointSettings&, std::string_view) {
  return Failure(Error{"links are not supported", 0,
                       "containers of one network find each other by name, and by --alias", 0});
}
Result<void> refuse_link_local(EndpointSettings&, std::string_view) {
  return fail("link-local addresses are not supported");
}

constexpr std::array kConnectOptions = {
    Option{"alias", 0, "strings", "Add network-scoped alias for the container",
           options::apply<EndpointSettings, add_aliases>},
    Option{"driver-opt", 0, "strings", "driver options for the network",
           options::apply<EndpointSettings, add_driver_option>},
    Option{
        "gw-priority", 0, "int",
        "Highest gw-priority provides the default gateway. Accepts positive and negative values.",
        options::apply<EndpointSettings, set_priority>},
    Option{"ip", 0, "string", "IPv4 address (e.g., \"172.30.100.104\")",
           options::apply<EndpointSettings, set_ip>},
    Option{"ip6", 0, "string", "IPv6 address (e.g., \"2001:db8::33\")",
           options::apply<EndpointSettings, set_ip6>},
    Option{"link", 0, "list", "", options::apply<EndpointSettings, refuse_link>},
    Option{"link-local-ip", 0, "strings", "", options::apply<EndpointSettings, refuse_link_local>},
};

constexpr std::array kDisconnectOptions = {
    Option{"force", 'f', "", "Force the container to disconnect from a network",
           options::flag<&Force::force>},
};

Result<int> plain(Result<void> done) {
  if (!done) return Failure(plain_network_error(std::move(done).error()));
  return 0;
}

}  // namespace

Result<int> network_connect_verb(const VerbCall& call) {
  EndpointSettings endpoint;
  TRY(const auto words, parse_verb(call, kConnectOptions, &endpoint, {.least = 2, .most = 2}));
  if (!words) return 0;
  endpoint.network = words->front();
  TRY(const auto roots, roots_of(call));
  TRY(const std::string id, runtime::state::find(roots, words->back()));
  return plain(runtime::lifecycle::connect(roots, id, std::move(endpoint)));
}

Result<int> network_disconnect_verb(const VerbCall& call) {
  Force typed;
  TRY(const auto words, parse_verb(call, kDisconnectOptions, &typed, {.least = 2, .most = 2}));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  const auto id = runtime::state::find(roots, words->back());
  if (!id && typed.force && id.error().operation.starts_with("no such container")) return 0;
  if (!id) return Failure(id.error());
  return plain(runtime::lifecycle::disconnect(roots, *id, words->front(), typed.force));
}

}  // namespace mycontainer::cmd
