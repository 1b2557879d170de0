// Words for people: text that cannot drive a terminal, cut to a width, quoted. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mycontainer::cmd::print {

// The first character of a text in UTF-8. A byte that begins none is one by itself, not `valid`.
struct Rune {
  char32_t value = 0;
  std::size_t length = 1;  // bytes
  bool valid = false;
};
Rune first_rune(std::string_view text);  // of a text that is not empty

// Whether a terminal shows the character, and shows it where it stands: not control characters (C1
// included), marks of direction and other invisible ones.
bool is_printable(char32_t rune);

// Printable ASCII only: what every function here leaves as it is.
bool is_plain(std::string_view text);

// What is not printable becomes visible: "\n", "\x1b", "\u202e". `keep` are characters to leave.
std::string visible(std::string_view text, std::string_view keep = {});

// In double quotes, with the escapes of a Go string (strconv.Quote).
std::string quoted(std::string_view text);

// How many columns of a terminal it takes, where those of East Asia take two.
std::size_t display_width(std::string_view text);

// At most `width` columns, the last of them "…" when something is missing (Docker's Ellipsis).
std::string ellipsis(std::string_view text, std::size_t width);

}  // namespace mycontainer::cmd::print
