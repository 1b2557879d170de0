#include "rootfs/image/instruction_words.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "rootfs/image/json.h"

namespace mycontainer::rootfs::image {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr int kMaxNesting = 16;  // ${A:-${B:-...}}

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string value_of(const std::vector<std::string>& env, std::string_view name) {
  const auto found = std::ranges::find_if(env, [name](const std::string& entry) {
    return entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=';
  });
  return found == env.end() ? std::string() : found->substr(name.size() + 1);
}

// Reads one word from its beginning to its end.
class Expansion {
 public:
  Expansion(std::string_view word, const std::vector<std::string>& env, int depth)
      : rest_(word), env_(env), depth_(depth) {}

  Result<std::string> run() {
    while (!rest_.empty()) TRY_VOID(step());
    return std::move(out_);
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  Result<void> step() {
    const char c = take();
    if (c == '\'') return single_quotes();
    if (c == '"') return double_quotes();
    if (c == '$') return variable();
    if (c == '\\' && !rest_.empty()) {
      out_ += take();
    } else if (c != '\\') {
      out_ += c;
    }
    return {};
  }

  Result<void> single_quotes() {
    const std::size_t end = rest_.find('\'');
    if (end == std::string_view::npos) return fail("unexpected end of statement: no closing quote");
    out_ += rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return {};
  }

  Result<void> double_quotes() {
    while (!rest_.empty()) {
      const char c = take();
      if (c == '"') return {};
      if (c == '$') {
        TRY_VOID(variable());
      } else if (c == '\\' && !rest_.empty() &&
                 (rest_.front() == '"' || rest_.front() == '$' || rest_.front() == '\\')) {
        out_ += take();
      } else {
        out_ += c;
      }
    }
    return fail("unexpected end of statement: no closing quote");
  }

  std::string_view name() {
    std::size_t length = 0;
    while (length < rest_.size() && is_name(rest_[length])) ++length;
    const std::string_view found = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return found;
  }

  Result<void> variable() {
    if (!rest_.empty() && rest_.front() == '{') {
      rest_.remove_prefix(1);
      return braces();
    }
    const std::string_view found = name();
    out_ += found.empty() ? "$" : value_of(env_, found);
    return {};
  }

  // What stands behind "${" up to its "}".
  Result<void> braces() {
    const std::string_view found = name();
    if (found.empty()) return fail("bad substitution");
    const std::string value = value_of(env_, found);
    std::size_t end = 0;
    for (int open = 1; end < rest_.size(); ++end) {
      if (rest_[end] == '{') ++open;
      if (rest_[end] == '}' && --open == 0) break;
    }
    if (end >= rest_.size()) return fail("syntax error: missing '}}'");
    const std::string_view modifier = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    if (modifier.empty()) {
      out_ += value;
      return {};
    }
    return modified(value, modifier);
  }

  Result<void> modified(const std::string& value, std::string_view modifier) {
    const bool otherwise = modifier.starts_with(":-");
    if (!otherwise && !modifier.starts_with(":+")) {
      return fail("unsupported modifier ({}) in substitution", modifier.substr(0, 2));
    }
    if (depth_ >= kMaxNesting) return fail("substitutions are nested too deep");
    if (otherwise && !value.empty()) {
      out_ += value;
    } else if (otherwise || !value.empty()) {
      TRY(const std::string word, Expansion(modifier.substr(2), env_, depth_ + 1).run());
      out_ += word;
    }
    return {};
  }

  std::string_view rest_;
  const std::vector<std::string>& env_;
  int depth_;
  std::string out_;
};

}  // namespace

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quote == 0 && kBlanks.find(c) != std::string_view::npos) {
      if (!word.empty()) words.push_back(std::exchange(word, {}));
      continue;
    }
    word += c;
    if (c == '\\' && quote != '\'' && at + 1 < text.size()) {
      word += text[++at];
    } else if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

Result<std::string> expand(std::string_view word, const std::vector<std::string>& env) {
  return Expansion(word, env, 0).run();
}

std::optional<std::vector<std::string>> exec_form(std::string_view text) {
  if (!text.starts_with("[")) return std::nullopt;
  const auto list = parse_list(text, "instruction");
  std::vector<std::string> words;
  if (!list || !take(Json{{"words", *list}}, "words", words)) return std::nullopt;
  return words;
}

}  // namespace mycontainer::rootfs::image
