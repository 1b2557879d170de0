// JSON tree -> Spec, remembering where in the tree it stands. Private to runtime/oci: it brings in
// nlohmann/json.
#pragma once

#include <concepts>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/oci/json_fields.h"

namespace mycontainer::runtime::oci {

// A place in the tree: a chain of frames on the stack, written out only when something is wrong.
struct JsonPlace {
  const JsonPlace* parent = nullptr;
  std::string_view key{};
  std::optional<std::size_t> index{};

  [[nodiscard]] std::string text() const {
    if (parent == nullptr) return {};
    std::string before = parent->text();
    if (index) return before + fmt::format("[{}]", *index);
    return before.empty() ? std::string(key) : before + "." + std::string(key);
  }
};

// One JSON value being read; the visitor of fields() when it is an object. The first failure is
// kept, and everything after it does nothing.
class ValueReader {
 public:
  // Sorted: to build an ordered_json takes the square of an object's size, and annotations come from
  // outside.
  using Json = nlohmann::json;

  ValueReader(const Json& value, JsonPlace place, std::optional<Error>& failure)
      : value_(value), place_(place), failure_(failure) {}

  template <class T>
  void required(const char* key, T& member) {
    if (const Json* found = find(key))
      at(*found, key).read(member);
    else if (!failure_)
      failure_ = fail("{}: missing", child(key).text()).value();
  }
  template <class T>
  void optional(const char* key, T& member) {
    if (const Json* found = find(key)) at(*found, key).read(member);
  }
  template <class T>
  void nested(const char* outer, const char* inner, T& member) {
    const Json* found = find(outer);
    if (found == nullptr) return;
    ValueReader object = at(*found, outer);
    if (object.is("an object", found->is_object())) object.optional(inner, member);
  }

  void read(bool& target) {
    if (is("true or false", value_.is_boolean())) target = value_.get<bool>();
  }
  void read(std::string& target) {
    if (is("a string", value_.is_string())) target = value_.get_ref<const std::string&>();
  }
  template <std::integral T>
  void read(T& target) {
    const bool fits = value_.is_number_unsigned()  ? std::in_range<T>(value_.get<std::uint64_t>())
                      : value_.is_number_integer() ? std::in_range<T>(value_.get<std::int64_t>())
                                                   : false;
    if (fits)
      target = value_.get<T>();
    else
      expected(fmt::format("a whole number from {} to {}", std::numeric_limits<T>::min(),
                           std::numeric_limits<T>::max()));
  }
  template <class T>
  void read(std::optional<T>& target) {
    read(target.emplace());
  }
  template <class T>
  void read(std::vector<T>& target) {
    if (!is("an array", value_.is_array())) return;
    target.clear();
    target.reserve(value_.size());
    for (std::size_t i = 0; i < value_.size() && !failure_; ++i)
      ValueReader(value_[i], {&place_, {}, i}, failure_).read(target.emplace_back());
  }
  template <class T>
  void read(std::map<std::string, T>& target) {
    if (!is("an object", value_.is_object())) return;
    for (const auto& [key, value] : value_.items())
      if (!failure_) ValueReader(value, {&place_, key, {}}, failure_).read(target[key]);
  }
  template <class T>
  requires requires(ValueReader& reader, T& target) { fields(reader, target); }
  void read(T& target) {
    if (is("an object", value_.is_object())) fields(*this, target);
  }

 private:
  // The property's value; nothing when it is absent, null (as Go's writers say absent), or when
  // something failed before.
  const Json* find(const char* key) const {
    if (failure_) return nullptr;
    const auto found = value_.find(key);
    return found == value_.end() || found->is_null() ? nullptr : &*found;
  }
  JsonPlace child(const char* key) const { return {&place_, key, {}}; }
  ValueReader at(const Json& value, const char* key) const { return {value, child(key), failure_}; }

  bool is(const char* what, bool is_so) {
    if (!is_so) expected(what);
    return is_so;
  }
  void expected(const std::string& what) {
    const std::string where = place_.text();
    failure_ = fail("{}: expected {}", where.empty() ? "config.json" : where, what).value();
  }

  const Json& value_;
  JsonPlace place_;
  std::optional<Error>& failure_;
};

}  // namespace mycontainer::runtime::oci
