// Spec -> JSON tree. Private to runtime/oci: it brings in nlohmann/json.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "runtime/oci/json_fields.h"

namespace mycontainer::runtime::oci {

using Json = nlohmann::ordered_json;

// A JSON object under construction; the visitor of fields().
class ObjectWriter {
 public:
  template <class T>
  void required(const char* key, const T& value) {
    object_[key] = to_tree(value);
  }
  template <class T>
  void optional(const char* key, const T& value) {
    if (Json tree = to_tree(value); says_something(tree)) object_[key] = std::move(tree);
  }
  template <class T>
  void optional(const char* key, const std::optional<T>& value) {
    if (value) object_[key] = to_tree(*value);
  }
  template <class T>
  void nested(const char* outer, const char* inner, const std::optional<T>& value) {
    if (value) object_[outer][inner] = *value;
  }

  template <class T>
  static Json to_tree(const T& value) {
    if constexpr (requires(ObjectWriter w) { fields(w, value); }) {
      ObjectWriter writer;
      fields(writer, value);
      return std::move(writer.object_);
    } else {
      return Json(value);
    }
  }
  template <class T>
  static Json to_tree(const std::vector<T>& values) {
    Json array = Json::array();
    for (const T& value : values) array.push_back(to_tree(value));
    return array;
  }
  template <class T>
  static Json to_tree(const std::map<std::string, T>& values) {
    // Each key is there once; to assign by key would look through all those before it.
    Json::object_t object;
    object.reserve(values.size());
    for (const auto& [key, value] : values) object.push_back({key, to_tree(value)});
    Json tree(std::move(object));  // in braces it would be an array of one
    return tree;
  }

 private:
  static bool says_something(const Json& tree) {
    if (tree.is_string()) return !tree.get_ref<const std::string&>().empty();
    return tree != Json(false) && !tree.empty();
  }

  Json object_ = Json::object();
};

}  // namespace mycontainer::runtime::oci
