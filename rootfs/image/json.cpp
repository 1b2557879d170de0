#include "rootfs/image/json.h"

namespace mycontainer::rootfs::image {

namespace {

constexpr std::size_t kMaxBytes = std::size_t{4} << 20;
constexpr int kMaxDepth = 64;

// Of brackets outside strings; the parser itself would go on to any depth.
bool too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') ++i;
    if (c == '"') in_string = !in_string;
    if (in_string) continue;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth > kMaxDepth) return true;
  }
  return false;
}

Failure wrong_type(const char* name, const char* wanted) {
  return fail("\"{}\" is not {}", name, wanted);
}

Result<Json> parse_bounded(std::string_view text, std::string_view what) {
  if (text.size() > kMaxBytes) return fail("{}: larger than 4 MiB", what);
  if (too_deep(text)) return fail("{}: nested deeper than {} levels", what, kMaxDepth);
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return fail("{}: not valid JSON", what);
  return json;
}

}  // namespace

Result<Json> parse_object(std::string_view text, std::string_view what) {
  TRY(Json json, parse_bounded(text, what));
  if (!json.is_object()) return fail("{}: not a JSON object", what);
  return json;
}

Result<Json> parse_list(std::string_view text, std::string_view what) {
  TRY(Json json, parse_bounded(text, what));
  if (!json.is_array()) return fail("{}: not a JSON list", what);
  return json;
}

const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

Result<void> take(const Json& object, const char* name, std::string& value) {
  const Json* json = member(object, name);
  if (json == nullptr) return {};
  if (!json->is_string()) return wrong_type(name, "a string");
  value = json->get_ref<const std::string&>();
  // What ends a C string would hide the rest from whoever uses it.
  if (value.find('\0') != std::string::npos) return fail("\"{}\" has a zero byte", name);
  return {};
}

Result<void> take(const Json& object, const char* name, bool& value) {
  const Json* json = member(object, name);
  if (json == nullptr) return {};
  if (!json->is_boolean()) return wrong_type(name, "true or false");
  value = json->get<bool>();
  return {};
}

Result<void> take(const Json& object, const char* name, std::int64_t& value) {
  const Json* json = member(object, name);
  if (json == nullptr) return {};
  if (!json->is_number_integer()) return wrong_type(name, "a whole number");
  if (json->is_number_unsigned() && json->get<std::uint64_t>() > INT64_MAX) {
    return wrong_type(name, "a number below 2^63");
  }
  value = json->get<std::int64_t>();
  return {};
}

Result<void> take(const Json& object, const char* name, std::vector<std::string>& value) {
  const Json* json = member(object, name);
  if (json == nullptr) return {};
  if (!json->is_array()) return wrong_type(name, "a list of strings");
  for (const Json& element : *json) {
    if (!element.is_string()) return wrong_type(name, "a list of strings");
    value.push_back(element.get<std::string>());
    if (value.back().find('\0') != std::string::npos) return fail("\"{}\" has a zero byte", name);
  }
  return {};
}

Result<void> take(const Json& object, const char* name, StringMap& value) {
  const Json* json = member(object, name);
  if (json == nullptr) return {};
  if (!json->is_object()) return wrong_type(name, "an object of strings");
  for (const auto& [key, element] : json->items()) {
    if (!element.is_string()) return wrong_type(name, "an object of strings");
    value[key] = element.get<std::string>();
  }
  return {};
}

Result<void> take(const Json& object, const char* name, Digest& value) {
  std::string text;
  TRY_VOID(take(object, name, text));
  if (text.empty()) return fail("\"{}\" is missing", name);
  TRY(value, Digest::parse(text));
  return {};
}

}  // namespace mycontainer::rootfs::image
