#include "runtime/oci/signal_name.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <csignal>
#include <cstring>
#include <optional>
#include <string>

namespace mycontainer::runtime::oci {

namespace {

constexpr std::size_t kLongest = 20;

std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const char* const end = text.data() + text.size();
  const auto [after, status] = std::from_chars(text.data(), end, number);
  if (text.empty() || status != std::errc() || after != end) return std::nullopt;
  return number;
}

// "+3" after RTMIN, "-3" after RTMAX, or nothing.
std::optional<int> realtime_signal(std::string_view name) {
  const bool from_first = name.starts_with("RTMIN");
  const int base = from_first ? SIGRTMIN : SIGRTMAX;
  const std::string_view offset = name.substr(5);
  if (offset.empty()) return base;
  if (offset.front() != (from_first ? '+' : '-')) return std::nullopt;
  const auto steps = number_of(offset.substr(1));
  if (!steps || *steps < 0 || *steps > 15) return std::nullopt;
  return from_first ? base + *steps : base - *steps;
}

std::optional<int> find(std::string_view text) {
  if (const auto number = number_of(text)) {
    return *number < 1 || *number > SIGRTMAX ? std::nullopt : number;
  }
  std::string name(text);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
  if (name.starts_with("SIG")) name.erase(0, 3);
  if (name.starts_with("RTMIN") || name.starts_with("RTMAX")) return realtime_signal(name);
  for (int number = 1; number < __SIGRTMIN; ++number) {
    const char* abbreviation = ::sigabbrev_np(number);
    if (abbreviation != nullptr && name == abbreviation) return number;
  }
  return std::nullopt;
}

}  // namespace

Result<int> signal_number(std::string_view text) {
  const auto number = text.size() <= kLongest ? find(text) : std::nullopt;
  if (!number) return fail("Invalid signal: {}", text.substr(0, kLongest));
  return *number;
}

}  // namespace mycontainer::runtime::oci
