// Members of network.json beside plain ones (oci/json_members.h). Private to this folder.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "runtime/network/address/address.h"
#include "runtime/oci/json_members.h"

namespace mycontainer::runtime::network {

using oci::take;

inline std::optional<Address> address_in(const nlohmann::json& object, const char* key) {
  std::string text;
  take(object, key, text);
  return Address::parse(text);
}

inline std::optional<Subnet> subnet_in(const nlohmann::json& object, const char* key) {
  std::string text;
  take(object, key, text);
  return Subnet::parse(text);
}

// The objects of an array.
template <class Take>
void for_each_object(const nlohmann::json& object, const char* key, const Take& take_one) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return;
  for (const auto& item : *found) {
    if (item.is_object()) take_one(item);
  }
}

}  // namespace mycontainer::runtime::network
