#include "runtime/engine/resolv_conf.h"

#include <fmt/core.h>

namespace mycontainer::runtime::engine {

namespace {

std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text = end == text.npos ? std::string_view() : text.substr(end + 1);
  return line;
}

std::vector<std::string> words_of(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r";
  std::vector<std::string> words;
  while (true) {
    const auto begin = line.find_first_not_of(kBlanks);
    if (begin == line.npos) return words;
    const auto end = line.find_first_of(kBlanks, begin);
    words.emplace_back(line.substr(begin, end - begin));
    line = end == line.npos ? std::string_view() : line.substr(end);
  }
}

void put_line(std::string& text, std::string_view keyword, const std::vector<std::string>& words) {
  if (words.empty()) return;
  text += keyword;
  for (const std::string& word : words) text.append(1, ' ').append(word);
  text += '\n';
}

}  // namespace

// A keyword stands at the very beginning of its line, or it is none.
ResolvConf parse_resolv_conf(std::string_view text) {
  ResolvConf conf;
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    if (line.empty() || line.front() == ' ' || line.front() == '\t') continue;
    std::vector<std::string> words = words_of(line);
    if (words.size() < 2) continue;
    const std::string keyword = std::move(words.front());
    words.erase(words.begin());
    if (keyword == "nameserver") conf.servers.push_back(words.front());
    if (keyword == "search") conf.search = words;
    if (keyword == "domain") conf.search = {words.front()};
    if (keyword == "options") conf.options.insert(conf.options.end(), words.begin(), words.end());
  }
  return conf;
}

std::string to_text(const ResolvConf& conf) {
  std::string text;
  for (const std::string& server : conf.servers) text += fmt::format("nameserver {}\n", server);
  put_line(text, "search", conf.search);
  put_line(text, "options", conf.options);
  return text;
}

bool is_loopback_server(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::1%");
}

}  // namespace mycontainer::runtime::engine
