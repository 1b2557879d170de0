#include "runtime/engine/host_files.h"

#include <fmt/core.h>

namespace mycontainer::runtime::engine {
namespace {

std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text = end == text.npos ? std::string_view() : text.substr(end + 1);
  return line;
}

// The address of a "nameserver" line of resolv.conf(5), or nothing.
std::string_view nameserver(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r", kKeyword = "nameserver";
  if (!line.starts_with(kKeyword)) return {};
  line.remove_prefix(kKeyword.size());
  const auto begin = line.find_first_not_of(kBlanks);
  if (begin == 0 || begin == line.npos) return {};
  return line.substr(begin, line.find_first_of(kBlanks, begin) - begin);
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::1%");
}

}  // namespace

std::string hosts_text(std::string_view hostname, std::string_view address) {
  return fmt::format(
      "127.0.0.1\tlocalhost\n"
      "::1\tlocalhost ip6-localhost ip6-loopback\n"
      "fe00::\tip6-localnet\n"
      "ff00::\tip6-mcastprefix\n"
      "ff02::1\tip6-allnodes\n"
      "ff02::2\tip6-allrouters\n"
      "{}\t{}\n",
      address.empty() ? "127.0.1.1" : address, hostname);
}

std::string hostname_text(std::string_view hostname) { return std::string(hostname) + "\n"; }

std::string resolv_conf_text(std::string_view host_text) {
  std::string text;
  text.reserve(host_text.size() + 1);
  while (!host_text.empty()) {
    const std::string_view line = next_line(host_text);
    if (!is_loopback(nameserver(line))) text.append(line).append(1, '\n');
  }
  return text;
}

}  // namespace mycontainer::runtime::engine
