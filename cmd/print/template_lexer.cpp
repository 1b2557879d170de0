#include "cmd/print/template_lexer.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "cmd/print/text.h"

namespace mycontainer::cmd::print {
namespace {

using Kind = Token::Kind;

constexpr std::string_view kSpaces = " \t\r\n";

bool is_space(char c) { return kSpaces.find(c) != std::string_view::npos; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || is_digit(c) || c == '_' ||
         byte >= 0x80;
}

void append_utf8(std::string& out, std::uint32_t rune) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((rune >> shift) & 0x3f)); };
  if (rune < 0x80) {
    out += static_cast<char>(rune);
  } else if (rune < 0x800) {
    out += static_cast<char>(0xc0 | (rune >> 6));
    tail(0);
  } else if (rune < 0x10000) {
    out += static_cast<char>(0xe0 | (rune >> 12));
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xf0 | (rune >> 18));
    tail(12), tail(6), tail(0);
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Lexed run() {
    while (at_ < text_.size() && error_.message.empty()) lex_text();
    return {std::move(tokens_), std::move(error_)};
  }

 private:
  [[nodiscard]] bool ahead(std::string_view word) const {
    return text_.substr(at_).starts_with(word);
  }
  // "-" and a space: the white space on that side of the action goes.
  [[nodiscard]] bool trims_left() const {
    return ahead("-") && at_ + 1 < text_.size() && is_space(text_[at_ + 1]);
  }

  void add(Kind kind, std::size_t begin, std::string text) {
    tokens_.push_back({kind, std::move(text), {begin, at_}, spaced_});
    spaced_ = false;
  }
  void complain(std::string message, std::size_t at) {
    if (error_.message.empty()) error_ = {std::move(message), at};
  }

  void lex_text() {
    const std::size_t begin = at_;
    at_ = std::min(text_.find("{{", begin), text_.size());
    std::string_view text = text_.substr(begin, at_ - begin);
    const std::size_t open = at_;
    at_ = std::min(at_ + 2, text_.size());
    const bool trims = open < text_.size() && trims_left();
    if (trims) text = text.substr(0, text.find_last_not_of(kSpaces) + 1);
    if (trim_next_) text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
    trim_next_ = false;
    if (!text.empty()) tokens_.push_back({Kind::kText, std::string(text), {begin, open}, false});
    if (open == text_.size()) return;
    if (trims) at_ += 2;
    ahead("/*") ? skip_comment() : lex_action(open);
  }

  void skip_comment() {
    const std::size_t begin = at_, end = text_.find("*/", at_ + 2);
    if (end == std::string_view::npos) return complain("unclosed comment", begin);
    at_ = end + 2;
    if (!take_close()) complain("comment ends before closing delimiter", begin);
  }

  // "}}" or " -}}".
  bool take_close() {
    if (ahead("}}")) {
      at_ += 2;
      return true;
    }
    if (at_ >= text_.size() || !is_space(text_[at_])) return false;
    if (!text_.substr(at_ + 1).starts_with("-}}")) return false;
    at_ += 4;
    trim_next_ = true;
    return true;
  }

  void lex_action(std::size_t open) {
    add(Kind::kOpen, open, {});
    spaced_ = false;
    while (error_.message.empty()) {
      const std::size_t begin = at_;
      if (take_close()) return add(Kind::kClose, begin, {});
      if (at_ >= text_.size()) return complain("unclosed action", open);
      if (is_space(text_[at_])) {
        spaced_ = true;
        ++at_;
      } else {
        lex_word();
      }
    }
  }

  void lex_word() {
    const std::size_t begin = at_;
    const char c = text_[at_];
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (c == '"' || c == '\'') return lex_quoted(c);
    if (c == '`') return lex_raw();
    if (is_digit(c) || ((c == '+' || c == '-' || c == '.') && is_digit(next))) return lex_number();
    if (c == '.' || c == '$') {
      ++at_;
      const std::string name = word();
      const Kind alone = c == '$' ? Kind::kVariable : Kind::kDot;
      return add(name.empty() || c == '$' ? alone : Kind::kField, begin,
                 c == '$' ? "$" + name : name);
    }
    if (is_word(c)) {
      std::string name = word();
      return add(Kind::kName, begin, std::move(name));
    }
    if (ahead(":=")) return take_symbol(2);
    if (std::string_view("|,()=").find(c) != std::string_view::npos) return take_symbol(1);
    const Rune rune = first_rune(text_.substr(at_));
    complain(fmt::format("unexpected \"{}\" in operand", visible(text_.substr(at_, rune.length))),
             begin);
  }

  void take_symbol(std::size_t length) {
    const std::size_t begin = at_;
    at_ += length;
    add(Kind::kSymbol, begin, std::string(text_.substr(begin, length)));
  }

  std::string word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  void lex_number() {
    const std::size_t begin = at_++;
    while (at_ < text_.size()) {
      const char c = text_[at_], before = text_[at_ - 1];
      const bool sign = (c == '+' || c == '-') && (before == 'e' || before == 'E');
      if (!is_word(c) && c != '.' && !sign) break;
      ++at_;
    }
    add(Kind::kNumber, begin, std::string(text_.substr(begin, at_ - begin)));
  }

  void lex_raw() {
    const std::size_t begin = at_, end = text_.find('`', at_ + 1);
    if (end == std::string_view::npos) return complain("unterminated raw quoted string", begin);
    at_ = end + 1;
    add(Kind::kString, begin, std::string(text_.substr(begin + 1, end - begin - 1)));
  }

  void lex_quoted(char quote) {
    const std::size_t begin = at_++;
    const bool is_text = quote == '"';
    std::string value;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] != '\\') {
        value += text_[at_++];
      } else if (!take_escape(value)) {
        return complain("invalid syntax", begin);
      }
    }
    if (at_ >= text_.size()) {
      return complain(
          fmt::format("unterminated {}", is_text ? "quoted string" : "character constant"), begin);
    }
    ++at_;
    add(is_text ? Kind::kString : Kind::kCharacter, begin, std::move(value));
  }

  // \n and the like, \x1b, \u202e, \U0001f600, \033 (Go's grammar).
  bool take_escape(std::string& value) {
    if (++at_ >= text_.size()) return false;
    const char letter = text_[at_++];
    constexpr std::string_view kLetters = "abfnrtv\\\"'", kMeanings = "\a\b\f\n\r\t\v\\\"'";
    if (const auto index = kLetters.find(letter); index != std::string_view::npos) {
      value += kMeanings[index];
      return true;
    }
    if (is_digit(letter)) --at_;
    const std::size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 3;
    if (!is_digit(letter) && digits == 3) return false;
    const std::string_view word = text_.substr(at_, digits);
    std::uint32_t rune = 0;
    const auto [end, status] =
        std::from_chars(word.data(), word.data() + word.size(), rune, digits == 3 ? 8 : 16);
    if (status != std::errc{} || end != word.data() + digits || rune > 0x10ffff) return false;
    at_ += digits;
    if (digits > 3) {
      append_utf8(value, rune);
    } else {
      value += static_cast<char>(rune);
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool trim_next_ = false, spaced_ = false;
  std::vector<Token> tokens_;
  LexError error_;
};

}  // namespace

Lexed lex(std::string_view text) { return Lexer(text).run(); }

}  // namespace mycontainer::cmd::print
