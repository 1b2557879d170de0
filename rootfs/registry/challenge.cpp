#include "rootfs/registry/challenge.h"

#include "rootfs/registry/words.h"

namespace mycontainer::rootfs::registry {

namespace {

constexpr std::string_view kBlanks = " \t";

// Reads from the front of `text`, and takes away what it read.
struct Reader {
  std::string_view text;

  void skip(std::string_view characters) {
    text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
  }
  std::string_view token() {
    const std::size_t size = std::min(text.find_first_of(" \t,=\""), text.size());
    const std::string_view word = text.substr(0, size);
    text.remove_prefix(size);
    return word;
  }
  bool take(char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
  }
  std::string quoted() {  // after the first quote
    std::string value;
    while (!text.empty() && !take('"')) {
      if (take('\\') && text.empty()) break;
      value += text.front();
      text.remove_prefix(1);
    }
    return value;
  }
};

}  // namespace

std::string Challenge::parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

std::vector<Challenge> parse_challenges(std::string_view header) {
  std::vector<Challenge> challenges;
  Reader reader{header};
  while (true) {
    reader.skip(" \t,");
    if (reader.text.empty()) return challenges;
    const std::string word = lower_case(reader.token());
    if (word.empty()) {  // a stray "=" or quote
      reader.text.remove_prefix(1);
      continue;
    }
    // "name = value" is a parameter; a word without "=" begins a challenge.
    Reader ahead = reader;
    ahead.skip(kBlanks);
    if (!ahead.take('=')) {
      challenges.push_back({word, {}});
      continue;
    }
    ahead.skip(kBlanks);
    std::string value = ahead.take('"') ? ahead.quoted() : std::string(ahead.token());
    if (!challenges.empty()) challenges.back().parameters.insert_or_assign(word, std::move(value));
    reader = ahead;
  }
}

}  // namespace mycontainer::rootfs::registry
