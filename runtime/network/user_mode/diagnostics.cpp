#include "runtime/network/user_mode/diagnostics.h"

#include <algorithm>

namespace mycontainer::runtime::network {

namespace {

// The C library's own setting of the language must not matter.
bool is_printable(char byte) { return byte >= ' ' && byte <= '~'; }

bool says_something(std::string_view line) {
  return !line.empty() &&
         !(line.starts_with("Failed to send ") && line.ends_with(" bytes to syslog"));
}

}  // namespace

std::string reason_in(std::string_view diagnostics) {
  std::string reason;
  while (!diagnostics.empty()) {
    const std::size_t end = diagnostics.find('\n');
    std::string line(diagnostics.substr(0, end));
    diagnostics.remove_prefix(end == std::string_view::npos ? diagnostics.size() : end + 1);
    std::erase_if(line, [](char byte) { return !is_printable(byte); });
    if (says_something(line)) reason = std::move(line);
  }
  constexpr std::string_view kEnding = ", exiting";
  if (reason.ends_with(kEnding)) reason.resize(reason.size() - kEnding.size());
  return reason;
}

}  // namespace mycontainer::runtime::network
