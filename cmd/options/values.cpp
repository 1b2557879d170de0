#include "cmd/options/values.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <string>

#include "runtime/oci/signal_name.h"

namespace mycontainer::cmd::options {
namespace {

constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "TRUE", "true", "True"};
constexpr std::array<std::string_view, 6> kFalse = {"0", "f", "F", "FALSE", "false", "False"};

// The number of bits that a unit shifts by, or -1.
int unit_shift(std::string_view unit) {
  std::string lower(unit);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  if (lower.empty() || lower == "b") return 0;
  const std::size_t index = std::string_view("kmgtp").find(lower.front());
  const std::string_view tail = std::string_view(lower).substr(1);
  if (index == std::string_view::npos) return -1;
  if (!tail.empty() && tail != "b" && tail != "ib") return -1;
  return static_cast<int>(10 * (index + 1));
}

}  // namespace

Result<bool> parse_bool(std::string_view text) {
  if (std::ranges::find(kTrue, text) != kTrue.end()) return true;
  if (std::ranges::find(kFalse, text) != kFalse.end()) return false;
  return fail("neither true nor false");
}

Result<std::int64_t> parse_size(std::string_view text) {
  const char* const end = text.data() + text.size();
  double number = 0;
  const auto [after, status] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  const bool starts_with_digit = !text.empty() && std::isdigit(static_cast<unsigned char>(text[0]));
  if (status != std::errc{} || !starts_with_digit) return fail("invalid size: '{}'", text);
  std::string_view unit(after, static_cast<std::size_t>(end - after));
  if (unit.size() > 1 && unit.front() == ' ') unit.remove_prefix(1);
  const int shift = unit_shift(unit);
  if (shift < 0) return fail("invalid size: '{}'", text);
  const double bytes = number * static_cast<double>(std::int64_t{1} << shift);
  if (bytes >= 0x1p63) return fail("invalid size: '{}': too large", text);
  return static_cast<std::int64_t>(bytes);
}

Result<int> parse_signal(std::string_view text) { return runtime::oci::signal_number(text); }

}  // namespace mycontainer::cmd::options
