#include <array>

#include "cmd/network_text.h"
#include "cmd/options/members.h"
#include "cmd/verbs.h"
#include "runtime/lifecycle/networks.h"

namespace mycontainer::cmd {
namespace {

using options::Option;

struct Typed {
  runtime::network::Definition network;
  runtime::network::PoolWords pools;
  std::string ipam_driver, config_from, scope;
  bool ingress = false, config_only = false;
};

Result<void> set_driver(Typed& typed, std::string_view value) {
  typed.network.driver = value.empty() ? "bridge" : value;
  return {};
}

// What is after the comma is one more, as in Docker.
void add_words(std::vector<std::string>& words, std::string_view value) {
  while (true) {
    const std::size_t comma = value.find(',');
    words.emplace_back(value.substr(0, comma));
    if (comma == std::string_view::npos) return;
    value.remove_prefix(comma + 1);
  }
}
Result<void> add_subnet(Typed& typed, std::string_view value) {
  add_words(typed.pools.subnets, value);
  return {};
}
Result<void> add_gateway(Typed& typed, std::string_view value) {
  add_words(typed.pools.gateways, value);
  return {};
}
Result<void> add_range(Typed& typed, std::string_view value) {
  add_words(typed.pools.ranges, value);
  return {};
}

Result<void> add_pair(std::map<std::string, std::string>& map, std::string_view value) {
  const std::size_t equals = value.find('=');
  if (equals == value.npos || equals == 0) return fail("{} must be formatted as key=value", value);
  map[std::string(value.substr(0, equals))] = value.substr(equals + 1);
  return {};
}
Result<void> add_reserved(Typed& typed, std::string_view value) {
  return add_pair(typed.pools.reserved, value);
}
Result<void> add_option(Typed& typed, std::string_view value) {
  return add_pair(typed.network.options, value);
}

Result<void> add_label(Typed& typed, std::string_view value) {
  const std::size_t equals = value.find('=');
  const std::string key(value.substr(0, equals));
  if (key.empty()) return fail("invalid label '{}': empty name", value);
  typed.network.labels[key] = equals == value.npos ? "" : std::string(value.substr(equals + 1));
  return {};
}

Result<void> refuse_ipam_option(Typed&, std::string_view value) {
  return fail("the default IPAM driver has no options: {}", value);
}

template <bool runtime::network::Definition::*Member>
Result<void> set(Typed& typed, std::string_view value) {
  TRY(typed.network.*Member, options::parse_bool(value));
  return {};
}

using runtime::network::Definition;
constexpr std::array kOptions = {
    Option{"attachable", 0, "", "Enable manual container attachment",
           options::apply<Typed, set<&Definition::attachable>>},
    Option{"aux-address", 0, "map",
           "Auxiliary IPv4 or IPv6 addresses used by Network driver (default map[])",
           options::apply<Typed, add_reserved>},
    Option{"config-from", 0, "string", "", options::text<&Typed::config_from>},
    Option{"config-only", 0, "", "", options::flag<&Typed::config_only>},
    Option{"driver", 'd', "string", "Driver to manage the Network (default \"bridge\")",
           options::apply<Typed, set_driver>},
    Option{"gateway", 0, "strings", "IPv4 or IPv6 Gateway for the master subnet",
           options::apply<Typed, add_gateway>},
    Option{"ingress", 0, "", "", options::flag<&Typed::ingress>},
    Option{"internal", 0, "", "Restrict external access to the network",
           options::apply<Typed, set<&Definition::internal>>},
    Option{"ip-range", 0, "strings", "Allocate container ip from a sub-range",
           options::apply<Typed, add_range>},
    Option{"ipam-driver", 0, "string", "IP Address Management Driver (default \"default\")",
           options::text<&Typed::ipam_driver>},
    Option{"ipam-opt", 0, "map", "", options::apply<Typed, refuse_ipam_option>},
    Option{"ipv4", 0, "", "Enable or disable IPv4 address assignment (default true)",
           options::apply<Typed, set<&Definition::ipv4>>},
    Option{"ipv6", 0, "", "Enable or disable IPv6 address assignment",
           options::apply<Typed, set<&Definition::ipv6>>},
    Option{"label", 0, "list", "Set metadata on a network", options::apply<Typed, add_label>},
    Option{"opt", 'o', "map", "Set driver specific options (default map[])",
           options::apply<Typed, add_option>},
    Option{"scope", 0, "string", "Control the network's scope", options::text<&Typed::scope>},
    Option{"subnet", 0, "strings", "Subnet in CIDR format that represents a network segment",
           options::apply<Typed, add_subnet>},
};

Result<void> check_driver(const std::string& driver) {
  if (driver == "bridge" || driver == "macvlan" || driver == "ipvlan") return {};
  if (driver == "host" || driver == "null" || driver == "none") {
    return fail("only one instance of \"{}\" network is allowed", driver);
  }
  if (driver == "overlay") {
    return fail("overlay networks join several machines, and mycontainer knows but this one");
  }
  return fail("error looking up network plugin {}: plugin \"{}\" not found", driver, driver);
}

Result<void> check_rest(const Typed& typed) {
  if (typed.ingress || (!typed.scope.empty() && typed.scope != "local")) {
    return fail("there is no swarm: networks are of this machine (scope local)");
  }
  if (typed.config_only || !typed.config_from.empty()) {
    return fail("networks that are but a configuration for others are not supported");
  }
  const std::string& ipam = typed.ipam_driver;
  if (!ipam.empty() && ipam != "default") {
    return fail("error looking up ipam plugin {}: plugin \"{}\" not found", ipam, ipam);
  }
  return {};
}

}  // namespace

Result<int> network_create_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {.least = 1, .most = 1}));
  if (!words) return 0;
  TRY_VOID(check_driver(typed.network.driver));
  TRY_VOID(check_rest(typed));
  typed.network.name = words->front();
  TRY(const auto roots, roots_of(call));
  auto made = runtime::lifecycle::create_network(roots, std::move(typed.network), typed.pools);
  if (!made) return Failure(plain_network_error(std::move(made).error()));
  TRY_VOID(say(made->id + "\n"));
  return 0;
}

}  // namespace mycontainer::cmd
