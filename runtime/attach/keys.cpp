#include <optional>
#include <string_view>

#include "runtime/attach/client.h"

namespace mycontainer::runtime::attach {
namespace {

// "ctrl-a" is 1, and so on as in ASCII's table.
std::optional<char> control(char key) {
  if (key >= 'A' && key <= 'Z') return static_cast<char>(key - 'A' + 1);
  constexpr std::string_view kOrder = "@abcdefghijklmnopqrstuvwxyz[\\]^_";
  const std::size_t code = kOrder.find(key);
  if (code == std::string_view::npos) return std::nullopt;
  return static_cast<char>(code);
}

std::optional<char> key_from(std::string_view word) {
  constexpr std::string_view kControl = "ctrl-";
  if (word.size() == 1) return word.front();
  if (word == "DEL") return '\x7f';
  if (word.size() == kControl.size() + 1 && word.starts_with(kControl)) return control(word.back());
  return std::nullopt;
}

}  // namespace

Result<std::string> keys_from_text(const std::string& text) {
  std::string keys;
  std::string_view rest = text;
  while (!text.empty()) {
    const std::size_t comma = rest.find(',');
    const std::string_view word = rest.substr(0, comma);
    const auto key = key_from(word);
    if (!key) {
      return Failure(Error{fmt::format("unknown detach key: {}", word.empty() ? "\"\"" : word), 0,
                           "a letter, or ctrl- and one of a-z @ [ \\ ] ^ _, with commas between",
                           0});
    }
    keys += *key;
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  constexpr std::size_t kMost = 64;
  if (keys.size() > kMost) return fail("at most {} detach keys", kMost);
  return keys;
}

}  // namespace mycontainer::runtime::attach
