#include "runtime/state/record.h"

#include <fcntl.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

#include "reexec/sys/file.h"
#include "runtime/oci/json_members.h"
#include "runtime/oci/json_writer.h"
#include "runtime/state/record_fields.h"
#include "runtime/state/record_scanner.h"

namespace mycontainer::runtime::state {

namespace {

using nlohmann::json;
using oci::take;

template <class Struct>
void take_fields(const json& object, Struct& target);

// Beside take() for plain values (json_fields.h).
template <class T>
void take_member(const json& object, const char* key, T& target) {
  const auto found = object.find(key);
  if constexpr (std::is_enum_v<T>) {
    std::string name;
    take(object, key, name);
    const auto& names = names_of(target);
    const auto known = std::ranges::find(names, name);
    if (known != names.end()) target = static_cast<T>(known - names.begin());
  } else if constexpr (requires { members(target, [](const char*, auto&) {}); }) {
    if (found != object.end() && found->is_object()) take_fields(*found, target);
  } else {
    take(object, key, target);
  }
}
void take_member(const json& object, const char* key, std::optional<int>& target) {
  if (object.contains(key)) take(object, key, target.emplace());
}
template <class Struct>
void take_list(const json& object, const char* key, std::vector<Struct>& target) {
  const auto list = object.find(key);
  if (list == object.end() || !list->is_array()) return;
  for (const json& item : *list) {
    if (item.is_object()) take_fields(item, target.emplace_back());
  }
}
template <class Struct>
requires requires(Struct& s) {
  members(s, [](const char*, auto&) {});
}
void take_member(const json& object, const char* key, std::vector<Struct>& target) {
  take_list(object, key, target);
}

template <class Struct>
void take_fields(const json& object, Struct& target) {
  members(target, [&](const char* name, auto& member) { take_member(object, name, member); });
}

template <class T>
decltype(auto) written(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return names_of(value)[static_cast<std::size_t>(value)].data();
  } else {
    return (value);
  }
}
int written(const std::optional<int>& value) { return *value; }

}  // namespace

// What oci::json_text() calls for each structure.
template <class Struct>
requires requires(const Struct& s) {
  members(s, [](const char*, const auto&) {});
}
void fields(auto& writer, const Struct& structure) {
  members(structure, [&](const char* name, const auto& member) {
    if (says_something(member)) writer.required(name, written(member));
  });
}

}  // namespace mycontainer::runtime::state

// Where json_text() looks for them.
namespace mycontainer::runtime::network {
using state::fields;
}

namespace mycontainer::runtime::state {

Nanoseconds now() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return Nanoseconds{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

Result<std::string> boot_id() {
  TRY(std::string text, sys::read_file_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id"));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string to_json(const Record& record) { return oci::json_text(record, 0); }

Result<Record> from_json(std::string_view text) {
  if (auto record = scan_record(text)) return *std::move(record);
  const json object = json::parse(text, nullptr, false);
  Record record;
  if (object.is_object()) take_fields(object, record);
  if (record.id.empty() || !object.contains("state")) {
    return fail("record.json: not a container's record");
  }
  return record;
}

std::string to_text(const RestartPolicy& policy) {
  std::string text(kRestartNames[static_cast<std::size_t>(policy.kind)]);
  if (policy.kind == RestartKind::kOnFailure && policy.max_retries > 0) {
    text += fmt::format(":{}", policy.max_retries);
  }
  return text;
}

}  // namespace mycontainer::runtime::state
