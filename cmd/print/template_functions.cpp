#include "cmd/print/template_functions.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "cmd/print/go_text.h"
#include "cmd/print/text.h"

namespace mycontainer::cmd::print {
namespace {

constexpr std::size_t kAny = static_cast<std::size_t>(-1);
constexpr std::int64_t kMostPadding = 10000;

struct Function {
  std::string_view name;
  std::size_t least, most;  // arguments
  Result<Json> (*call)(Values values);
};

Failure wrong_type(std::string_view wanted, const Json& value) {
  return fail("wrong type for value; expected {}; got {}", wanted, go_type(value));
}

Result<std::string> text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return wrong_type("string", value);
}

Result<std::int64_t> number_of(const Json& value) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return wrong_type("int", value);
}

Result<Json> to_json(Values values) { return Json(json_line(*values[0])); }

template <int (*Convert)(int)>
Result<Json> convert(Values values) {
  TRY(std::string text, text_of(*values[0]));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x80) c = static_cast<char>(Convert(c));
  }
  return Json(std::move(text));
}

Result<Json> title(Values values) {
  TRY(std::string text, text_of(*values[0]));
  bool begins = true;
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (begins && byte < 0x80) c = static_cast<char>(std::toupper(byte));
    begins = byte < 0x80 && !std::isalnum(byte) && c != '_' && c != '\'';
  }
  return Json(std::move(text));
}

Result<Json> join(Values values) {
  TRY(const std::string separator, text_of(*values[1]));
  if (values[0]->is_null()) return Json("");
  if (!values[0]->is_array()) return wrong_type("[]string", *values[0]);
  std::string text;
  for (std::size_t at = 0; at < values[0]->size(); ++at) {
    if (at > 0) text += separator;
    text += go_text((*values[0])[at]);
  }
  return Json(std::move(text));
}

Json split_characters(std::string_view text) {
  Json parts = Json::array();
  while (!text.empty()) {
    const std::size_t length = first_rune(text).length;
    parts.push_back(std::string(text.substr(0, length)));
    text.remove_prefix(length);
  }
  return parts;
}

Result<Json> split(Values values) {
  TRY(const std::string text, text_of(*values[0]));
  TRY(const std::string separator, text_of(*values[1]));
  if (separator.empty()) return split_characters(text);
  Json parts = Json::array();
  std::size_t start = 0;
  for (std::size_t end; (end = text.find(separator, start)) != std::string::npos;
       start = end + separator.size()) {
    parts.push_back(text.substr(start, end - start));
  }
  parts.push_back(text.substr(start));
  return parts;
}

Result<Json> truncate(Values values) {
  TRY(std::string text, text_of(*values[0]));
  TRY(const std::int64_t length, number_of(*values[1]));
  if (length >= 0 && static_cast<std::size_t>(length) < text.size()) {
    text.resize(static_cast<std::size_t>(length));
  }
  return Json(std::move(text));
}

Result<Json> pad(Values values) {
  TRY(std::string text, text_of(*values[0]));
  TRY(const std::int64_t before, number_of(*values[1]));
  TRY(const std::int64_t after, number_of(*values[2]));
  const auto spaces = [](std::int64_t count) {
    return std::string(static_cast<std::size_t>(std::clamp(count, INT64_C(0), kMostPadding)), ' ');
  };
  if (text.empty()) return Json("");
  return Json(spaces(before) + text + spaces(after));
}

Result<Json> length(Values values) {
  if (values[0]->is_string()) return Json(values[0]->get_ref<const std::string&>().size());
  if (values[0]->is_structured()) return Json(values[0]->size());
  if (values[0]->is_null()) return fail("len of nil pointer");
  return fail("len of type {}", go_type(*values[0]));
}

Result<std::size_t> index_within(const Json& index, std::size_t size) {
  if (!index.is_number_integer())
    return fail("cannot index slice/array with type {}", go_type(index));
  const auto at = index.get<std::int64_t>();
  if (at < 0 || static_cast<std::uint64_t>(at) > size) return fail("index out of range: {}", at);
  return static_cast<std::size_t>(at);
}

Result<Json> index_one(const Json& value, const Json& index) {
  if (value.is_object()) {
    if (!index.is_string()) return fail("value has type {}; should be string", go_type(index));
    const auto found = value.find(index.get_ref<const std::string&>());
    return found == value.end() ? Json("") : Json(*found);  // the zero value of a map of texts
  }
  const bool text = value.is_string();
  if (value.is_null())
    return index.is_string() ? Result<Json>(Json("")) : fail("index of nil pointer");
  if (!text && !value.is_array()) return fail("can't index item of type {}", go_type(value));
  const std::size_t size = text ? value.get_ref<const std::string&>().size() : value.size();
  TRY(const std::size_t at, index_within(index, size));
  if (at == size) return fail("index out of range: {}", at);
  if (!text) return Json(value[at]);
  return Json(static_cast<unsigned char>(value.get_ref<const std::string&>()[at]));
}

Result<Json> index(Values values) {
  Json value = *values[0];
  for (const Json* key : values.subspan(1)) {
    TRY(value, index_one(value, *key));
  }
  return value;
}

Result<Json> slice(Values values) {
  const Json& value = *values[0];
  if (!value.is_string() && !value.is_array()) {
    return fail("can't slice item of type {}", go_type(value));
  }
  const std::size_t size =
      value.is_string() ? value.get_ref<const std::string&>().size() : value.size();
  std::size_t begin = 0, end = size;
  if (values.size() > 1) {
    TRY(begin, index_within(*values[1], size));
  }
  if (values.size() > 2) {
    TRY(end, index_within(*values[2], size));
  }
  if (begin > end) return fail("invalid slice index: {} > {}", begin, end);
  if (value.is_string()) {
    return Json(value.get_ref<const std::string&>().substr(begin, end - begin));
  }
  Json part = Json::array();
  for (std::size_t at = begin; at < end; ++at) part.push_back(value[at]);
  return part;
}

Result<Json> negate(Values values) { return Json(!is_true(*values[0])); }

bool comparable(const Json& left, const Json& right) {
  return (left.is_number() && right.is_number()) || left.type() == right.type() || left.is_null() ||
         right.is_null();
}

Result<bool> equal(const Json& left, const Json& right) {
  if (!comparable(left, right)) return fail("incompatible types for comparison");
  if (left.is_structured() && right.is_structured()) return fail("non-comparable type");
  return left == right;
}

Result<bool> less(const Json& left, const Json& right) {
  if (!comparable(left, right)) return fail("incompatible types for comparison");
  if (!(left.is_number() || left.is_string())) return fail("invalid type for comparison");
  return left < right;
}

// True when the first is any of the others.
Result<Json> is_equal(Values values) {
  for (const Json* other : values.subspan(1)) {
    TRY(const bool same, equal(*values[0], *other));
    if (same) return Json(true);
  }
  return Json(false);
}

Result<Json> is_unequal(Values values) {
  TRY(const bool same, equal(*values[0], *values[1]));
  return Json(!same);
}

// Swap: the second before the first. Negate: not that.
template <bool Swap, bool Negate>
Result<Json> ordered(Values values) {
  TRY(const bool before, less(*values[Swap ? 1 : 0], *values[Swap ? 0 : 1]));
  return Json(before != Negate);
}

// Spaces between two of which neither is a text.
Result<Json> print_all(Values values) {
  std::string text;
  for (std::size_t at = 0; at < values.size(); ++at) {
    const bool gap = at > 0 && !values[at]->is_string() && !values[at - 1]->is_string();
    text += (gap ? " " : "") + go_text(*values[at]);
  }
  return Json(std::move(text));
}

Result<Json> print_line(Values values) {
  std::string text;
  for (std::size_t at = 0; at < values.size(); ++at) {
    text += (at > 0 ? " " : "") + go_text(*values[at]);
  }
  return Json(text + "\n");
}

Result<Json> print_format(Values values) {
  TRY(const std::string format, text_of(*values[0]));
  return Json(go_printf(format, values.subspan(1)));
}

// Never called: the execution evaluates these two itself.
Result<Json> last(Values values) { return Json(*values.back()); }

constexpr std::array kFunctions = {
    Function{"json", 1, 1, to_json},
    Function{"join", 2, 2, join},
    Function{"split", 2, 2, split},
    Function{"upper", 1, 1, convert<std::toupper>},
    Function{"lower", 1, 1, convert<std::tolower>},
    Function{"title", 1, 1, title},
    Function{"truncate", 2, 2, truncate},
    Function{"pad", 3, 3, pad},
    Function{"len", 1, 1, length},
    Function{"index", 1, kAny, index},
    Function{"slice", 1, 3, slice},
    Function{"not", 1, 1, negate},
    Function{"and", 1, kAny, last},
    Function{"or", 1, kAny, last},
    Function{"eq", 2, kAny, is_equal},
    Function{"ne", 2, 2, is_unequal},
    Function{"lt", 2, 2, ordered<false, false>},
    Function{"ge", 2, 2, ordered<false, true>},
    Function{"gt", 2, 2, ordered<true, false>},
    Function{"le", 2, 2, ordered<true, true>},
    Function{"print", 0, kAny, print_all},
    Function{"println", 0, kAny, print_line},
    Function{"printf", 1, kAny, print_format},
};

const Function* find_function(std::string_view name) {
  const auto found = std::ranges::find(kFunctions, name, &Function::name);
  return found == kFunctions.end() ? nullptr : &*found;
}

}  // namespace

bool is_function(std::string_view name) { return find_function(name) != nullptr; }

Result<Json> call_function(std::string_view name, Values values) {
  const Function* function = find_function(name);
  if (function == nullptr) return fail("function \"{}\" not defined", name);
  if (values.size() < function->least || values.size() > function->most) {
    const bool exact = function->least == function->most;
    return fail("wrong number of args for {}: want {}{} got {}", name, exact ? "" : "at least ",
                function->least, values.size());
  }
  return function->call(values);
}

bool keeps_headers(std::string_view name) {
  constexpr std::string_view kNames[] = {"json",  "join",  "split",    "upper",
                                         "lower", "title", "truncate", "pad"};
  return std::ranges::find(kNames, name) != std::end(kNames);
}

bool is_true(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  if (value.is_number()) return value.get<double>() != 0;
  return !value.empty();
}

}  // namespace mycontainer::cmd::print
