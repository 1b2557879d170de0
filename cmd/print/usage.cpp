#include "cmd/print/usage.h"

#include <algorithm>
#include <vector>

namespace mycontainer::cmd::print {
namespace {

constexpr std::size_t kScreenWidth = 80;
constexpr std::size_t kGap = 3;  // between an option and its description

// "  -e, --env list", "      --name string", "      --trace[=file]".
std::string left_column(const options::Option& option) {
  std::string text = option.letter == 0 ? "      " : fmt::format("  -{}, ", option.letter);
  text += fmt::format("--{}", option.name);
  if (option.takes_value()) text += ' ';
  return text + option.value;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    const bool fits = lines.back().empty() || lines.back().size() + 1 + word.size() <= width;
    if (!fits) lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
  }
  return lines;
}

}  // namespace

std::string grouped_list(std::span<const NamedHelp> entries) {
  std::vector<std::string_view> groups;
  std::size_t width = 0;
  for (const NamedHelp& entry : entries) {
    width = std::max(width, entry.name.size());
    if (std::ranges::find(groups, entry.group) == groups.end()) groups.push_back(entry.group);
  }
  std::string text;
  for (const std::string_view group : groups) {
    text += fmt::format("\n{}:\n", group);
    for (const NamedHelp& entry : entries) {
      if (entry.group != group) continue;
      text += fmt::format("  {:{}}   {}\n", entry.name, width, entry.help);
    }
  }
  return text;
}

std::string option_list(options::OptionTable table) {
  std::size_t width = 0;
  for (const auto& option : table) width = std::max(width, left_column(option).size());
  std::string text;
  for (const auto& option : table) {
    if (*option.help == '\0') continue;
    std::string left = left_column(option);
    for (const std::string& line : wrap(option.help, kScreenWidth - width - kGap)) {
      text += fmt::format("{:{}}{}\n", left, width + kGap, line);
      left.clear();
    }
  }
  return text;
}

}  // namespace mycontainer::cmd::print
