// Reading members of a JSON object of ours that somebody may have changed (record.json, network.json):
// what is of another type is left out.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <vector>

namespace mycontainer::runtime::oci {

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
  target.clear();
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

}  // namespace mycontainer::runtime::oci
