#include "runtime/network/endpoint.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <optional>

#include "reexec/sys/file.h"
#include "runtime/network/addresses.h"
#include "runtime/network/definition/store.h"
#include "runtime/network/dns/names.h"
#include "runtime/network/forwarding.h"
#include "runtime/network/neighbours.h"
#include "runtime/network/network_device.h"
#include "runtime/network/sysctl.h"

namespace mycontainer::runtime::network {

namespace {

constexpr std::size_t kIdDigits = 10;  // with prefix and number within IFNAMSIZ
constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr int kAttempts = 3;

// "mcv0123456789" and the interface's number; another attempt adds a letter.
std::string host_interface_name(const std::string& container_id, std::size_t number,
                                std::size_t attempt) {
  std::string name = std::string(kDevicePrefix) + "v" + container_id.substr(0, kIdDigits);
  name += kDigits[number % kDigits.size()];
  if (attempt > 0) name += kDigits[attempt - 1];
  return name;
}

std::size_t number_of(const std::string& interface) {
  return static_cast<std::size_t>(std::atoi(interface.c_str() + std::string_view("eth").size()));
}

Result<Definition> definition_of(const Places& places, const std::string& name) {
  auto network = read(places, name);
  const bool missing = !network && network.error().code == ENOENT;
  if (missing && name == kDefaultNetwork) return default_network(places);
  if (missing) return fail("network {} not found", name);
  return network;
}

bool is_layer3(const Definition& network) {
  return network.driver == "ipvlan" && network.mode().starts_with("l3");
}

Result<std::optional<Address>> wanted_address(const std::string& text, Family family) {
  if (text.empty()) return std::optional<Address>();
  const auto address = Address::parse(text);
  if (!address || address->family() != family) {
    return fail("\"{}\" is no {} address", text, family == Family::kIpv6 ? "IPv6" : "IPv4");
  }
  return address;
}

Result<void> claim_family(const ClaimRequest& request, const Definition& network, Family family,
                          Endpoint& endpoint) {
  const bool v6 = family == Family::kIpv6;
  TRY(const auto wanted,
      wanted_address(v6 ? request.settings.ipv6 : request.settings.ipv4, family));
  if (!has_family(network, family)) {
    if (!wanted) return {};
    return fail("network {} has no {} addresses, so not {}", network.name, v6 ? "IPv6" : "IPv4",
                wanted->to_text());
  }
  TRY(const Claim claim,
      claim_address(request.places, network, family, request.container_id, wanted));
  AssignedAddress assigned{claim.address, claim.length, claim.gateway};
  if (is_layer3(network)) assigned.gateway = Address(family);  // neighbours, and no next hop
  endpoint.addresses.push_back(assigned);
  return {};
}

Result<std::string> mac_for(const EndpointSettings& settings, const Endpoint& endpoint) {
  if (endpoint.driver == "ipvlan") {
    if (settings.mac.empty()) return std::string();
    return fail("network {} is an ipvlan, whose containers have no MAC address of their own",
                endpoint.network_name);
  }
  if (!settings.mac.empty()) {
    const auto mac = parse_mac(settings.mac);
    if (!mac) return fail("\"{}\" is no MAC address", settings.mac);
    return to_text(*mac);
  }
  if (endpoint.addresses.empty()) return std::string();
  return to_text(mac_of(endpoint.addresses.front().address));
}

// Its members know each other by name in every network but the default one.
Result<void> name(const ClaimRequest& request, const Definition& network, Endpoint& endpoint) {
  if (is_default(network)) {
    if (request.settings.aliases.empty()) return {};
    return fail("network-scoped aliases are only supported for user-defined networks");
  }
  endpoint.aliases = request.settings.aliases;
  endpoint.names = request.names;
  for (const std::string& alias : endpoint.aliases) {
    if (std::ranges::find(endpoint.names, alias) == endpoint.names.end()) {
      endpoint.names.push_back(alias);
    }
  }
  return {};
}

Result<void> fill(const ClaimRequest& request, const Definition& network, Endpoint& endpoint) {
  endpoint.network_id = network.id;
  endpoint.network_name = network.name;
  endpoint.driver = network.driver;
  endpoint.internal = network.internal;
  endpoint.gateway_priority = request.settings.gateway_priority;
  const auto number = static_cast<std::size_t>(request.number);
  if (number >= kDigits.size()) {
    return fail("a container cannot be in more than {} networks", kDigits.size());
  }
  endpoint.interface = fmt::format("eth{}", number);
  if (is_bridge(network)) {
    endpoint.host_interface = host_interface_name(request.container_id, number, 0);
  }
  TRY_VOID(name(request, network, endpoint));
  TRY_VOID(claim_family(request, network, Family::kIpv4, endpoint));
  TRY_VOID(claim_family(request, network, Family::kIpv6, endpoint));
  TRY(endpoint.mac, mac_for(request.settings, endpoint));
  return {};
}

Result<void> add_veth(Joining& joining, const std::string& container_id, pid_t pid, Host& host,
                      const std::function<Result<void>()>& renamed) {
  Endpoint& endpoint = joining.endpoint;
  VethRequest request{.name = endpoint.host_interface,
                      .bridge = joining.up.index,
                      .inside = endpoint.interface,
                      .pid = pid,
                      .mtu = joining.up.mtu,
                      .mac = parse_mac(endpoint.mac).value_or(Mac{})};
  const std::size_t number = number_of(endpoint.interface);
  for (std::size_t attempt = 1;; ++attempt) {
    auto made = host.links().add_veth(request);
    const bool taken = !made && made.error().code == EEXIST;
    if (!taken || attempt > kDigits.size()) return made;
    request.name = endpoint.host_interface = host_interface_name(container_id, number, attempt);
    TRY_VOID(renamed());
  }
}

// Nobody chose the subnet of the default network: while no container is in it, it gets another one when
// the host needs that one itself.
bool makes_way(const Places& places, const Definition& network, const Error& error) {
  return is_default(network) && error.code == EADDRINUSE && take_down(places, network).has_value();
}

// Which says everything without the number.
Failure explained(Error error) {
  if (error.code == EADDRINUSE) error.code = 0;
  return Failure(std::move(error));
}

}  // namespace

Result<Joining> claim_endpoint(const ClaimRequest& request, Host& host) {
  const std::string& name = request.settings.network;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Joining joining;
    TRY(joining.network, definition_of(request.places, name));
    auto up = bring_up(request.places, joining.network, host);
    if (!up && up.error().code == ENOENT) continue;  // removed meanwhile
    if (!up && makes_way(request.places, joining.network, up.error())) continue;
    if (!up) return explained(std::move(up).error());
    joining.up = *up;
    auto filled = fill(request, joining.network, joining.endpoint);
    if (filled && is_marked_up(request.places, joining.network)) return joining;
    release_endpoint(request.places, request.container_id, joining.endpoint);
    if (!filled) return Failure(std::move(filled).error());
  }
  return fail("network {} is being removed", name);
}

void release_endpoint(const Places& places, const std::string& container_id,
                      const Endpoint& endpoint) {
  withdraw_names(places, container_id, endpoint);
  for (const AssignedAddress& assigned : endpoint.addresses) {
    release_address(places, endpoint.network_id, assigned.address, container_id);
  }
}

Result<void> add_device(Joining& joining, const std::string& container_id, pid_t pid, Host& host,
                        const std::function<Result<void>()>& renamed) {
  const Definition& network = joining.network;
  auto added = is_bridge(network)
                   ? add_veth(joining, container_id, pid, host, renamed)
                   : host.links().add_subdevice({.kind = network.driver,
                                                 .mode = network.mode(),
                                                 .parent = joining.up.index,
                                                 .inside = joining.endpoint.interface,
                                                 .pid = pid,
                                                 .mtu = network.mtu().value_or(0),
                                                 .mac = parse_mac(joining.endpoint.mac)});
  if (!added) return within("network " + network.name, std::move(added).error());
  return {};
}

namespace {

bool bridges_ask_rules() {
  return std::ranges::any_of(std::array{"iptables", "ip6tables"}, [](const char* which) {
    const auto value = read_sysctl(std::string("bridge/bridge-nf-call-") + which);
    return value && *value == "1";
  });
}

}  // namespace

Result<void> let_turn_round(const Attachment& attachment, Links& links) {
  if (attachment.ports.empty() || !bridges_ask_rules()) return {};
  for (const Endpoint& endpoint : attachment.endpoints) {
    if (endpoint.host_interface.empty()) continue;
    TRY_VOID(links.set_hairpin(endpoint.host_interface));
  }
  return {};
}

namespace {

// Without an IPv6 address none of that family is spoken at all: a neighbour could otherwise say that he
// is the router (CVE-2020-13401). Where /proc/sys cannot be written it stays as it is.
Result<void> settle_ipv6(const Endpoint& endpoint) {
  const std::string conf = "ipv6/conf/" + endpoint.interface;
  const bool used = std::ranges::any_of(endpoint.addresses,
                                        [](const AssignedAddress& a) { return a.address.is_v6(); });
  if (used) {
    TRY_VOID(set_sysctl_if_there(conf + "/disable_ipv6", "0"));
    return set_sysctl_if_there(conf + "/accept_ra", "0");
  }
  (void)sys::write_file_at(AT_FDCWD, "/proc/sys/net/" + conf + "/disable_ipv6", "1");
  return {};
}

}  // namespace

Result<void> settle_inside(const Endpoint& endpoint) {
  settle_neighbours(endpoint);
  return settle_ipv6(endpoint);
}

std::vector<Address> gateways_through(const std::vector<Endpoint>& endpoints, std::size_t index) {
  std::vector<Address> gateways;
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    std::optional<std::size_t> best;
    std::optional<Address> gateway;
    for (std::size_t at = 0; at < endpoints.size(); ++at) {
      const Endpoint& endpoint = endpoints[at];
      if (endpoint.internal) continue;
      if (best && endpoints[*best].gateway_priority >= endpoint.gateway_priority) continue;
      for (const AssignedAddress& assigned : endpoint.addresses) {
        if (assigned.address.family() != family || !assigned.gateway) continue;
        best = at;
        gateway = assigned.gateway;
      }
    }
    if (best == index) gateways.push_back(*gateway);
  }
  return gateways;
}

std::vector<Address> ways_in(const std::vector<Endpoint>& endpoints) {
  std::vector<Address> found;
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    const Endpoint* best = nullptr;
    std::optional<Address> target;
    for (const Endpoint& endpoint : endpoints) {
      if (endpoint.driver != "bridge" || endpoint.internal) continue;
      if (best != nullptr && best->gateway_priority >= endpoint.gateway_priority) continue;
      for (const AssignedAddress& assigned : endpoint.addresses) {
        if (assigned.address.family() != family) continue;
        best = &endpoint;
        target = assigned.address;
        break;
      }
    }
    if (target) found.push_back(*target);
  }
  return found;
}

InsideRequest inside_request(const Endpoint& endpoint, std::vector<Address> gateways) {
  InsideRequest request{endpoint.interface, {}, std::move(gateways)};
  for (const AssignedAddress& assigned : endpoint.addresses) {
    request.addresses.emplace_back(assigned.address, assigned.length);
  }
  return request;
}

}  // namespace mycontainer::runtime::network
