#include "runtime/state/record_scanner.h"

#include <algorithm>
#include <charconv>
#include <concepts>

#include "runtime/oci/json_text.h"
#include "runtime/state/record_fields.h"

namespace mycontainer::runtime::state {
namespace {

// Each read() is false at the first thing that is not as expected.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  std::optional<Record> run() {
    std::optional<Record> record(std::in_place);
    const bool whole = read(*record) && at_ == end_;
    if (!whole || !has_state_ || record->id.empty()) return std::nullopt;
    return record;
  }

 private:
  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  bool take(std::string_view word) {
    if (!std::string_view(at_, end_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  // Calls `item` for each, until the closing character.
  template <class Item>
  bool read_items(char open, char close, const Item& item) {
    if (!take(open)) return false;
    if (take(close)) return true;
    do {
      if (!item()) return false;
    } while (take(','));
    return take(close);
  }

  // The part of a text up to what is not plain ASCII.
  std::string_view plain_part() {
    const char* const begin = at_;
    at_ = std::find_if(at_, end_, [](char c) {
      return c < 0x20 || c == '"' || c == '\\';  // bytes from 0x80 on are negative
    });
    return {begin, at_};
  }

  bool read_key(std::string_view& key) {
    if (!take('"')) return false;
    key = plain_part();
    return take('"') && take(':');
  }

  bool read(std::string& target) {
    if (!take('"')) return false;
    target.assign(plain_part());
    while (!take('"')) {
      if (!read_special(target)) return false;
      target.append(plain_part());
    }
    return true;
  }

  // One escape, or one character beyond ASCII.
  bool read_special(std::string& target) {
    if (at_ == end_) return false;
    if (!take('\\')) {
      const std::size_t length = oci::utf8_length({at_, end_});
      target.append(at_, length);
      at_ += length;
      return length > 0;
    }
    constexpr std::string_view kLetters = "\"\\/nrtbf", kMeanings = "\"\\/\n\r\t\b\f";
    const std::size_t letter = at_ == end_ ? std::string_view::npos : kLetters.find(*at_);
    if (letter == std::string_view::npos) return false;
    target += kMeanings[letter];
    ++at_;
    return true;
  }

  bool read(bool& target) {
    target = take(std::string_view("true"));
    return target || take(std::string_view("false"));
  }

  template <std::integral Integer>
  bool read(Integer& target) {
    const char* const begin = at_;
    const auto [stop, status] = std::from_chars(at_, end_, target);
    at_ = stop;
    const bool padded = *begin == '0' && stop - begin > 1;
    return status == std::errc{} && !padded && at_ != end_ && *at_ != '.' && (*at_ | 0x20) != 'e';
  }

  template <class Enum>
  requires std::is_enum_v<Enum>
  bool read(Enum& target) {
    std::string name;
    if (!read(name)) return false;
    const auto& names = names_of(target);
    const auto found = std::ranges::find(names, name);
    target = static_cast<Enum>(found - names.begin());
    return found != names.end();
  }

  template <class T>
  bool read(std::optional<T>& target) {
    return read(target.emplace());
  }

  template <class T>
  bool read(std::vector<T>& target) {
    target.clear();
    return read_items('[', ']', [&] { return read(target.emplace_back()); });
  }

  bool read(std::map<std::string, std::string>& target) {
    target.clear();
    return read_items('{', '}', [&] {
      std::string key;
      if (!read(key) || !take(':')) return false;
      return read(target[std::move(key)]);
    });
  }

  template <class Struct>
  requires std::is_class_v<Struct>
  bool read(Struct& target) {
    if constexpr (std::same_as<Struct, State>) has_state_ = true;
    target = Struct();
    return read_items('{', '}', [&] { return read_member(target); });
  }

  template <class Struct>
  bool read_member(Struct& target) {
    std::string_view key;
    if (!read_key(key)) return false;
    bool known = false, right = false;
    members(target, [&](std::string_view name, auto& member) {
      if (known || key != name) return;
      known = true;
      right = read(member);
    });
    return right;
  }

  const char* at_;
  const char* end_;
  bool has_state_ = false;
};

}  // namespace

std::optional<Record> scan_record(std::string_view text) { return Scanner(text).run(); }

}  // namespace mycontainer::runtime::state
