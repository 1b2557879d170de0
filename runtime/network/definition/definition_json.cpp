#include "runtime/network/definition/definition.h"
#include "runtime/network/definition/json_fields.h"

namespace mycontainer::runtime::network {

namespace {

using nlohmann::json;

json json_of(const Pool& pool) {
  json object = {{"subnet", pool.subnet.to_text()}};
  if (pool.gateway) object["gateway"] = pool.gateway->to_text();
  if (pool.range) object["range"] = pool.range->to_text();
  for (const auto& [name, address] : pool.reserved) object["reserved"][name] = address.to_text();
  return object;
}

std::optional<Pool> pool_of(const json& object) {
  const auto subnet = subnet_in(object, "subnet");
  if (!subnet) return {};
  Pool pool{.subnet = *subnet,
            .gateway = address_in(object, "gateway"),
            .range = subnet_in(object, "range")};
  std::map<std::string, std::string> reserved;
  take(object, "reserved", reserved);
  for (const auto& [name, text] : reserved) {
    if (const auto address = Address::parse(text)) pool.reserved[name] = *address;
  }
  return pool;
}

}  // namespace

std::string to_json(const Definition& definition) {
  json pools = json::array();
  for (const Pool& pool : definition.pools) pools.push_back(json_of(pool));
  const json object = {{"id", definition.id},
                       {"name", definition.name},
                       {"driver", definition.driver},
                       {"created", definition.created},
                       {"pools", std::move(pools)},
                       {"internal", definition.internal},
                       {"attachable", definition.attachable},
                       {"ipv4", definition.ipv4},
                       {"ipv6", definition.ipv6},
                       {"labels", definition.labels},
                       {"options", definition.options},
                       {"device", definition.device}};
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Definition> from_json(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return fail("network.json: not a network");
  Definition definition;
  take(object, "id", definition.id);
  take(object, "name", definition.name);
  take(object, "driver", definition.driver);
  take(object, "created", definition.created);
  take(object, "internal", definition.internal);
  take(object, "attachable", definition.attachable);
  take(object, "ipv4", definition.ipv4);
  take(object, "ipv6", definition.ipv6);
  take(object, "labels", definition.labels);
  take(object, "options", definition.options);
  take(object, "device", definition.device);
  for_each_object(object, "pools", [&](const json& one) {
    if (auto pool = pool_of(one)) definition.pools.push_back(*std::move(pool));
  });
  constexpr std::size_t kIdDigits = 64;
  const bool is_id = definition.id.size() == kIdDigits &&
                     definition.id.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!is_id || definition.name.empty() || definition.pools.empty() || definition.device.empty()) {
    return fail("network.json: what makes a network is missing");
  }
  return definition;
}

}  // namespace mycontainer::runtime::network
