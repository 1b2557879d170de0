// Reading members of a JSON object that anybody may have written. Private to this folder.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "runtime/network/address/address.h"

namespace mycontainer::runtime::network {

// The value of `key`, or the target as it is when there is none of its type.
template <class T>
void take(const nlohmann::json& object, const char* key, T& target) {
  const auto found = object.find(key);
  if (found == object.end()) return;
  if constexpr (std::is_same_v<T, std::string>) {
    if (found->is_string()) target = found->template get_ref<const std::string&>();
  } else if constexpr (std::is_same_v<T, bool>) {
    if (found->is_boolean()) target = found->template get<bool>();
  } else {
    if (found->is_number_integer()) target = found->template get<T>();
  }
}

inline void take(const nlohmann::json& object, const char* key, std::vector<std::string>& target) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return;
  for (const auto& item : *found) {
    if (item.is_string()) target.push_back(item.get_ref<const std::string&>());
  }
}

inline void take(const nlohmann::json& object, const char* key,
                 std::map<std::string, std::string>& target) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_object()) return;
  for (const auto& [name, value] : found->items()) {
    if (value.is_string()) target[name] = value.get_ref<const std::string&>();
  }
}

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
