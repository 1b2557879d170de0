#include "cmd/print/go_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <vector>

#include "cmd/print/text.h"

namespace mycontainer::cmd::print {
namespace {

std::string float_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
  const double size = std::abs(value);
  const bool exponent = size != 0 && (size < 1e-4 || size >= 1e21);
  std::array<char, 64> text;
  const auto format = exponent ? std::chars_format::scientific : std::chars_format::fixed;
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value, format);
  return {text.data(), written.ptr};
}

void append(std::string& out, const Json& value);

void append_map(std::string& out, const Json& object) {
  std::vector<const Json::object_t::value_type*> members;
  for (const auto& member : object.get_ref<const Json::object_t&>()) members.push_back(&member);
  std::ranges::sort(members, {},
                    [](const auto* member) { return std::string_view(member->first); });
  out += "map[";
  for (const auto* member : members) {
    if (member != members.front()) out += ' ';
    out += member->first + ':';
    append(out, member->second);
  }
  out += ']';
}

void append_list(std::string& out, const Json& list) {
  out += '[';
  for (std::size_t at = 0; at < list.size(); ++at) {
    if (at > 0) out += ' ';
    append(out, list[at]);
  }
  out += ']';
}

// Documents are bounded in depth where they are read, so this is, too.
void append(std::string& out, const Json& value) {
  if (value.is_string()) {
    out += value.get_ref<const std::string&>();
  } else if (value.is_object()) {
    append_map(out, value);
  } else if (value.is_array()) {
    append_list(out, value);
  } else if (value.is_null()) {
    out += "<nil>";
  } else if (value.is_number_float()) {
    out += float_text(value.get<double>());
  } else {
    out += value.dump();
  }
}

constexpr int kMostColumns = 10000;

// One "%...": its flags, and what is to be printed by it.
struct Directive {
  bool minus = false, plus = false, sharp = false, space = false, zero = false;
  int width = -1, precision = -1;
  char verb = 0;
};

int read_number(std::string_view& rest) {
  int number = 0;
  while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
    number = std::min(number * 10 + (rest.front() - '0'), kMostColumns);
    rest.remove_prefix(1);
  }
  return number;
}

bool read_flag(Directive& directive, char c) {
  switch (c) {
    case '-':
      return directive.minus = true;
    case '+':
      return directive.plus = true;
    case '#':
      return directive.sharp = true;
    case ' ':
      return directive.space = true;
    case '0':
      return directive.zero = true;
    default:
      return false;
  }
}

Directive read_directive(std::string_view& rest) {
  Directive directive;
  while (!rest.empty() && read_flag(directive, rest.front())) rest.remove_prefix(1);
  if (!rest.empty() && rest.front() >= '1' && rest.front() <= '9') {
    directive.width = read_number(rest);
  }
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    directive.precision = read_number(rest);
  }
  if (!rest.empty()) {
    directive.verb = rest.front();
    rest.remove_prefix(1);
  }
  return directive;
}

std::string padded(std::string text, const Directive& directive, bool number) {
  std::size_t length = 0;
  for (std::string_view rest = text; !rest.empty(); ++length) {
    rest.remove_prefix(first_rune(rest).length);
  }
  if (directive.width < 0 || length >= static_cast<std::size_t>(directive.width)) return text;
  const std::size_t missing = static_cast<std::size_t>(directive.width) - length;
  if (directive.minus) return text.append(missing, ' ');
  const bool zeros = directive.zero && number;
  const bool sign = zeros && (text.starts_with('-') || text.starts_with('+'));
  return text.insert(sign ? 1 : 0, missing, zeros ? '0' : ' ');
}

std::string based(const Json& value, char verb, bool sharp) {
  const bool negative =
      value.is_number_integer() && !value.is_number_unsigned() && value.get<std::int64_t>() < 0;
  const auto size = negative ? ~value.get<std::uint64_t>() + 1 : value.get<std::uint64_t>();
  std::string digits;
  switch (verb) {
    case 'x':
      digits = sharp ? fmt::format("{:#x}", size) : fmt::format("{:x}", size);
      break;
    case 'X':
      digits = sharp ? fmt::format("{:#X}", size) : fmt::format("{:X}", size);
      break;
    case 'o':
      digits = fmt::format("{:o}", size);
      break;
    case 'b':
      digits = fmt::format("{:b}", size);
      break;
    default:
      digits = fmt::format("{}", size);
  }
  return negative ? "-" + digits : digits;
}

std::string hex_of(std::string_view text, bool upper) {
  std::string out;
  for (const char c : text) {
    const unsigned byte = static_cast<unsigned char>(c);
    out += upper ? fmt::format("{:02X}", byte) : fmt::format("{:02x}", byte);
  }
  return out;
}

std::string bad_verb(char verb, const Json& value) {
  if (value.is_null()) return fmt::format("%!{}(<nil>)", verb);
  return fmt::format("%!{}({}={})", verb, go_type(value), go_text(value));
}

std::string print_string(const std::string& text, const Directive& directive, const Json& value) {
  const std::string_view cut =
      directive.precision < 0
          ? std::string_view(text)
          : std::string_view(text).substr(0, static_cast<std::size_t>(directive.precision));
  switch (directive.verb) {
    case 's':
    case 'v':
      return padded(directive.sharp && directive.verb == 'v' ? quoted(cut) : std::string(cut),
                    directive, false);
    case 'q':
      return padded(quoted(cut), directive, false);
    case 'x':
    case 'X':
      return padded(hex_of(cut, directive.verb == 'X'), directive, false);
    default:
      return bad_verb(directive.verb, value);
  }
}

std::string print_integer(const Json& value, const Directive& directive) {
  std::string text;
  if (directive.verb == 'c' || directive.verb == 'q') {
    const auto code = value.get<std::int64_t>();
    text = code >= 0x20 && code < 0x7f ? std::string(1, static_cast<char>(code)) : "\xef\xbf\xbd";
    return padded(directive.verb == 'q' ? "'" + text + "'" : text, directive, false);
  }
  if (std::string_view("vdxXob").find(directive.verb) == std::string_view::npos) {
    return bad_verb(directive.verb, value);
  }
  text = based(value, directive.verb, directive.sharp);
  if (directive.plus && !text.starts_with('-')) text.insert(0, 1, '+');
  if (directive.space && !text.starts_with('-')) text.insert(0, 1, ' ');
  return padded(text, directive, true);
}

std::string print_float(const Json& value, const Directive& directive) {
  const double number = value.get<double>();
  std::array<char, 512> text{};
  const int precision = std::min(directive.precision, 100);
  switch (directive.verb) {
    case 'v':
    case 'g':
      if (precision < 0) return padded(float_text(number), directive, true);
      (void)std::snprintf(text.data(), text.size(), "%.*g", precision, number);
      break;
    case 'f':
    case 'F':
      (void)std::snprintf(text.data(), text.size(), "%.*f", precision < 0 ? 6 : precision, number);
      break;
    case 'e':
      (void)std::snprintf(text.data(), text.size(), "%.*e", precision < 0 ? 6 : precision, number);
      break;
    default:
      return bad_verb(directive.verb, value);
  }
  return padded(text.data(), directive, true);
}

// Each element by itself, as Go does: %q of a list quotes its texts.
std::string print_value(const Json& value, const Directive& directive) {
  if (directive.verb == 'T') return padded(std::string(go_type(value)), directive, false);
  if (value.is_string()) {
    return print_string(value.get_ref<const std::string&>(), directive, value);
  }
  if (value.is_number_integer()) return print_integer(value, directive);
  if (value.is_number_float()) return print_float(value, directive);
  if (value.is_array() && directive.verb != 'v') {
    std::string text = "[";
    for (std::size_t at = 0; at < value.size(); ++at) {
      text += (at > 0 ? " " : "") + print_value(value[at], directive);
    }
    return text + "]";
  }
  const bool fits = directive.verb == 'v' || (directive.verb == 't' && value.is_boolean());
  if (!fits && !(directive.verb == 's' && value.is_object())) {
    return bad_verb(directive.verb, value);
  }
  return padded(go_text(value), directive, false);
}

std::string extra(std::span<const Json* const> values) {
  if (values.empty()) return {};
  std::string text = "%!(EXTRA ";
  for (const Json* value : values) {
    if (value != values.front()) text += ", ";
    text += value->is_null() ? "<nil>" : fmt::format("{}={}", go_type(*value), go_text(*value));
  }
  return text + ")";
}

}  // namespace

std::string go_text(const Json& value) {
  std::string text;
  append(text, value);
  return text;
}

std::string_view go_type(const Json& value) {
  if (value.is_string()) return "string";
  if (value.is_boolean()) return "bool";
  if (value.is_number_float()) return "float64";
  if (value.is_number()) return "int";
  if (value.is_array()) return "[]interface {}";
  if (value.is_object()) return "map[string]interface {}";
  return "nil";
}

std::string go_printf(std::string_view format, std::span<const Json* const> values) {
  std::string text;
  while (!format.empty()) {
    const std::size_t percent = std::min(format.find('%'), format.size());
    text += format.substr(0, percent);
    format.remove_prefix(percent);
    if (format.empty()) break;
    format.remove_prefix(1);
    const Directive directive = read_directive(format);
    if (directive.verb == '%') {
      text += '%';
    } else if (directive.verb == 0) {
      text += "%!(NOVERB)";
    } else if (values.empty()) {
      text += fmt::format("%!{}(MISSING)", directive.verb);
    } else {
      text += print_value(*values.front(), directive);
      values = values.subspan(1);
    }
  }
  return text + extra(values);
}

}  // namespace mycontainer::cmd::print
