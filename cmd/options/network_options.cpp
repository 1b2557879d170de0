#include "cmd/options/network_options.h"

#include <algorithm>
#include <cctype>

#include "cmd/options/domain_name.h"
#include "cmd/options/mount_options.h"
#include "cmd/options/paths.h"
#include "cmd/options/values.h"
#include "runtime/network/address/address.h"

namespace mycontainer::cmd::options {
namespace {

using runtime::network::Address;
using runtime::network::EndpointSettings;

// The grammar of network names, and of their ids.
bool is_network_name(std::string_view text) {
  const auto alphanumeric = [](unsigned char c) { return std::isalnum(c) != 0; };
  const auto valid = [&](unsigned char c) {
    return alphanumeric(c) || c == '_' || c == '.' || c == '-';
  };
  return !text.empty() && alphanumeric(static_cast<unsigned char>(text.front())) &&
         std::ranges::all_of(text, valid);
}

bool has_prefix(std::string_view text) {
  return text.starts_with(runtime::network::kContainerPrefix) ||
         text.starts_with(runtime::network::kNamespacePrefix);
}

Result<std::string> network_name(std::string_view text) {
  constexpr std::string_view kContainer = runtime::network::kContainerPrefix,
                             kNamespace = runtime::network::kNamespacePrefix;
  if (text.starts_with(kNamespace)) {
    if (text == kNamespace) return fail("invalid network mode: ns: needs a path: ns:PATH");
    TRY(const std::string path, absolute_path(text.substr(kNamespace.size())));
    return std::string(kNamespace) + path;
  }
  const bool container = text.starts_with(kContainer);
  const std::string_view name = container ? text.substr(kContainer.size()) : text;
  if (text.empty()) return fail("network name/id is not specified");
  if (!is_network_name(name)) {
    return container ? fail("invalid container format container:<name|id>")
                     : fail("invalid network name, only [a-zA-Z0-9][a-zA-Z0-9_.-]* is allowed");
  }
  return std::string(text);
}

Result<std::string> address_of(std::string_view text, runtime::network::Family family) {
  const auto address = Address::parse(text);
  if (!address || address->family() != family || address->is_unspecified()) {
    const char* name = family == runtime::network::Family::kIpv6 ? "IPv6" : "IPv4";
    return fail("invalid {} address: {}", name, text);
  }
  return address->to_text();
}

Result<std::string> mac_of(std::string_view text) {
  const auto mac = runtime::network::parse_mac(text);
  if (!mac) return fail("{} is not a valid mac address", text);
  return runtime::network::to_text(*mac);
}

Result<void> set_ipv4(EndpointSettings& endpoint, std::string_view value) {
  TRY(endpoint.ipv4, address_of(value, runtime::network::Family::kIpv4));
  return {};
}

Result<void> set_ipv6(EndpointSettings& endpoint, std::string_view value) {
  TRY(endpoint.ipv6, address_of(value, runtime::network::Family::kIpv6));
  return {};
}

Result<void> set_mac(EndpointSettings& endpoint, std::string_view value) {
  TRY(endpoint.mac, mac_of(value));
  return {};
}

Result<void> add_alias(EndpointSettings& endpoint, std::string_view value) {
  if (!is_domain_name(value)) return fail("invalid network alias: {}", value);
  auto& aliases = endpoint.aliases;
  if (std::ranges::find(aliases, value) == aliases.end()) aliases.emplace_back(value);
  return {};
}

Result<void> add_driver_option(EndpointSettings& endpoint, std::string_view value) {
  const std::size_t equals = value.find('=');
  if (equals == 0 || equals == std::string_view::npos) {
    return fail("invalid key value pair format in driver options");
  }
  endpoint.driver_options[std::string(value.substr(0, equals))] = value.substr(equals + 1);
  return {};
}

Result<void> set_gateway_priority(EndpointSettings& endpoint, std::string_view value) {
  const auto priority = parse_integer<int>(value);
  if (!priority) return fail("invalid gw-priority: {}", value);
  endpoint.gateway_priority = *priority;
  return {};
}

Result<void> set_name(EndpointSettings& endpoint, std::string_view value) {
  TRY(endpoint.network, network_name(value));
  return {};
}

struct Field {
  std::string_view name;
  Result<void> (*apply)(EndpointSettings&, std::string_view);
};
constexpr Field kFields[] = {{"name", set_name},
                             {"alias", add_alias},
                             {"ip", set_ipv4},
                             {"ip6", set_ipv6},
                             {"mac-address", set_mac},
                             {"driver-opt", add_driver_option},
                             {"gw-priority", set_gateway_priority}};

Result<EndpointSettings> long_form(std::string_view text) {
  EndpointSettings endpoint;
  TRY(const auto fields, split_csv(text));
  for (const std::string& field : fields) {
    const std::size_t equals = field.find('=');
    if (equals == std::string::npos) return fail("invalid field {}", field);
    const std::string_view key = std::string_view(field).substr(0, equals);
    const auto* known = std::ranges::find(kFields, key, &Field::name);
    if (known == std::end(kFields)) return fail("invalid field key {}", key);
    TRY_VOID(known->apply(endpoint, std::string_view(field).substr(equals + 1)));
  }
  if (endpoint.network.empty()) return fail("network name/id is not specified");
  return endpoint;
}

}  // namespace

Result<void> add_network(RunDraft& draft, std::string_view value) {
  EndpointSettings endpoint;
  if (value.find('=') != std::string_view::npos && !has_prefix(value)) {
    TRY(endpoint, long_form(value));
  } else {
    TRY(endpoint.network, network_name(value));
  }
  draft.request.networks.push_back(std::move(endpoint));
  return {};
}

Result<void> set_ip(RunDraft& draft, std::string_view value) {
  return set_ipv4(draft.first_network, value);
}
Result<void> set_ip6(RunDraft& draft, std::string_view value) {
  return set_ipv6(draft.first_network, value);
}
Result<void> set_mac_address(RunDraft& draft, std::string_view value) {
  return set_mac(draft.first_network, value);
}
Result<void> add_network_alias(RunDraft& draft, std::string_view value) {
  return add_alias(draft.first_network, value);
}

Result<void> refuse_link(RunDraft&, std::string_view) {
  return fail(
      "there are no links: containers of one network (--network NAME) find each other by "
      "name, and by --network-alias");
}

Result<void> refuse_link_local(RunDraft&, std::string_view) {
  return fail("link-local addresses are the kernel's to choose; --ip and --ip6 choose others");
}

}  // namespace mycontainer::cmd::options
