#include "rootfs/registry/words.h"

#include <algorithm>

namespace mycontainer::rootfs::registry {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

}  // namespace

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view without_blanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string result;
  for (const char c : without_blanks(text).substr(0, limit)) {
    const auto byte = static_cast<unsigned char>(c);
    // Bytes above 127 may begin a control character of eight bits or change what is read.
    result += byte >= ' ' && byte < 127 ? c : (c == '\n' || c == '\t' ? ' ' : '?');
  }
  if (text.size() > limit) result += "...";
  return result;
}

}  // namespace mycontainer::rootfs::registry
