#include "cmd/print/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

namespace mycontainer::cmd::print {
namespace {

struct Range {
  char32_t first, last;
};

// Beyond ASCII: controls, soft hyphen, zero width and direction marks, separators of lines,
// surrogates, private use, tags.
constexpr Range kInvisible[] = {
    {0x80, 0xa0},     {0xad, 0xad},     {0x600, 0x605},      {0x61c, 0x61c},   {0x180e, 0x180e},
    {0x200b, 0x200f}, {0x2028, 0x202f}, {0x205f, 0x206f},    {0xd800, 0xf8ff}, {0xfeff, 0xfeff},
    {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0x10ffff},
};

// East Asian Width W and F, in broad strokes (Unicode's EastAsianWidth.txt), and emoji.
constexpr Range kWide[] = {
    {0x1100, 0x115f}, {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97f},
    {0xac00, 0xd7a3}, {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
    {0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

template <std::size_t N>
bool is_in(const Range (&ranges)[N], char32_t rune) {
  return std::ranges::any_of(ranges, [rune](Range r) { return rune >= r.first && rune <= r.last; });
}

bool is_plain_byte(char c) { return c >= 0x20 && c < 0x7f; }

unsigned byte_of(char c) { return static_cast<unsigned char>(c); }

void append_escape(std::string& out, const Rune& rune, char byte) {
  constexpr std::string_view kSpecial = "\a\b\f\n\r\t\v", kLetters = "abfnrtv";
  if (const auto at = kSpecial.find(byte); at != std::string_view::npos) {
    out += '\\';
    out += kLetters[at];
  } else if (!rune.valid || rune.value < 0x80) {
    out += fmt::format("\\x{:02x}", byte_of(byte));
  } else if (rune.value < 0x10000) {
    out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(rune.value));
  } else {
    out += fmt::format("\\U{:08x}", static_cast<std::uint32_t>(rune.value));
  }
}

std::string escaped(std::string_view text, std::string_view keep, std::string_view backslashed) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const char byte = text.front();
    if (is_plain_byte(byte) && backslashed.find(byte) == std::string_view::npos) {
      out += byte;
      text.remove_prefix(1);
      continue;
    }
    const Rune rune = first_rune(text);
    if (rune.length == 1 && keep.find(byte) != std::string_view::npos) {
      out += byte;
    } else if (rune.valid && is_printable(rune.value)) {
      if (rune.length == 1 && backslashed.find(byte) != std::string_view::npos) out += '\\';
      out.append(text, 0, rune.length);
    } else {
      append_escape(out, rune, byte);
    }
    text.remove_prefix(rune.length);
  }
  return out;
}

std::size_t width_of(const Rune& rune) {
  return rune.value >= kWide[0].first && is_in(kWide, rune.value) ? 2 : 1;
}

}  // namespace

Rune first_rune(std::string_view text) {
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};  // by length: no overlong forms
  const unsigned first = byte_of(text.front());
  if (first < 0x80) return {first, 1, true};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || length > text.size()) return {first, 1, false};
  char32_t value = first & (0xffu >> (length + 1));
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte_of(text[at]) & 0xc0) != 0x80) return {first, 1, false};
    value = value << 6 | (byte_of(text[at]) & 0x3f);
  }
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < kLeast[length] || surrogate || value > 0x10ffff) return {first, 1, false};
  return {value, length, true};
}

bool is_plain(std::string_view text) { return std::ranges::all_of(text, is_plain_byte); }

bool is_printable(char32_t rune) {
  if (rune < 0x80) return is_plain_byte(static_cast<char>(rune));
  return !is_in(kInvisible, rune);
}

std::string visible(std::string_view text, std::string_view keep) {
  if (is_plain(text)) return std::string(text);
  return escaped(text, keep, {});
}

std::string quoted(std::string_view text) { return '"' + escaped(text, {}, "\"\\") + '"'; }

std::size_t display_width(std::string_view text) {
  if (is_plain(text)) return text.size();
  std::size_t width = 0;
  while (!text.empty()) {
    const Rune rune = first_rune(text);
    width += width_of(rune);
    text.remove_prefix(rune.length);
  }
  return width;
}

std::string ellipsis(std::string_view text, std::size_t width) {
  if (width == 0) return {};
  if (display_width(text) <= width) return std::string(text);
  std::size_t end = 0;
  for (std::size_t used = 0; end < text.size();) {
    const Rune rune = first_rune(text.substr(end));
    used += width_of(rune);
    if (used > width - 1) break;
    end += rune.length;
  }
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace mycontainer::cmd::print
