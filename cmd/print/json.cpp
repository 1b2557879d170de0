#include "cmd/print/json.h"

#include <fmt/core.h>

#include "cmd/print/text.h"

namespace mycontainer::cmd::print {
namespace {

// dump() escapes what JSON demands; this the rest that is not printable, in pairs of surrogates where
// it lies beyond 16 bits.
std::string escape_unprintable(const std::string& json, bool is_indented) {
  std::string text;
  text.reserve(json.size());
  for (std::string_view rest = json; !rest.empty();) {
    const Rune rune = first_rune(rest);
    const auto value = static_cast<std::uint32_t>(rune.value);
    if (is_printable(rune.value) || (is_indented && (value == '\n' || value == '\t'))) {
      text.append(rest, 0, rune.length);
    } else if (value < 0x10000) {
      text += fmt::format("\\u{:04x}", value);
    } else {
      text += fmt::format("\\u{:04x}\\u{:04x}", 0xd7c0 + (value >> 10), 0xdc00 + (value & 0x3ff));
    }
    rest.remove_prefix(rune.length);
  }
  return text;
}

}  // namespace

std::string json_line(const Json& value) {
  return escape_unprintable(value.dump(-1, ' ', false, Json::error_handler_t::replace), false);
}

std::string json_indented(const Json& value, int count, char blank) {
  std::string text = value.dump(count, blank, false, Json::error_handler_t::replace);
  return escape_unprintable(text, true);
}

}  // namespace mycontainer::cmd::print
