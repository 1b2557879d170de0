#include "cmd/list/filters.h"

#include <regex.h>

#include <algorithm>

namespace mycontainer::cmd::list {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

bool occurs_in(const std::string& pattern, const std::string& text) {
  if (pattern.find_first_of("^$.[]()*+?{}|\\") == std::string::npos) {
    return text.find(pattern) != std::string::npos;
  }
  regex_t expression;
  // One that is no expression matches nothing but itself, as in Docker.
  if (::regcomp(&expression, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;
  const bool found = ::regexec(&expression, text.c_str(), 0, nullptr, 0) == 0;
  ::regfree(&expression);
  return found;
}

}  // namespace

Result<void> add_filter(Filters& filters, std::string_view typed) {
  const std::size_t equals = typed.find('=');
  if (equals == std::string_view::npos) {
    return fail("bad format of filter (expected name=value)");
  }
  std::string name(trimmed(typed.substr(0, equals)));
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  filters[name].emplace_back(trimmed(typed.substr(equals + 1)));
  return {};
}

Result<void> check_filters(const Filters& filters, std::span<const std::string_view> known) {
  for (const auto& [name, values] : filters) {
    if (std::ranges::find(known, name) == known.end()) return fail("invalid filter '{}'", name);
  }
  return {};
}

std::span<const std::string> values_of(const Filters& filters, const std::string& name) {
  const auto found = filters.find(name);
  if (found == filters.end()) return {};
  return found->second;
}

bool matches_pattern(const Filters& filters, const std::string& name, const std::string& text) {
  const auto values = values_of(filters, name);
  return values.empty() || std::ranges::any_of(values, [&](const std::string& value) {
           return value == text || occurs_in(value, text);
         });
}

bool matches_exactly(const Filters& filters, const std::string& name, std::string_view text) {
  const auto values = values_of(filters, name);
  return values.empty() || std::ranges::find(values, text) != values.end();
}

bool matches_labels(std::span<const std::string> wanted,
                    const std::map<std::string, std::string>& labels) {
  return std::ranges::all_of(wanted, [&](const std::string& word) {
    const std::size_t equals = word.find('=');
    const auto label = labels.find(word.substr(0, equals));
    if (label == labels.end()) return false;
    return equals == std::string::npos || label->second == word.substr(equals + 1);
  });
}

}  // namespace mycontainer::cmd::list
