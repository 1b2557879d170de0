#include "cmd/options/timestamp.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <limits>
#include <optional>
#include <string>

#include "cmd/options/duration.h"
#include "cmd/options/values.h"

namespace mycontainer::cmd::options {

namespace {

using runtime::state::Nanoseconds;

constexpr Nanoseconds kSecond = 1'000'000'000;
constexpr int kMostDigits = 9;  // of a fraction: nanoseconds

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// How many digits `text` begins with.
std::size_t digits_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

// ".123" at the beginning of `text`, taken off it; nothing there is 0.
std::optional<Nanoseconds> take_fraction(std::string_view& text) {
  if (!text.starts_with('.')) return 0;
  text.remove_prefix(1);
  const std::size_t length = digits_of(text);
  if (length == 0 || length > kMostDigits) return std::nullopt;
  std::string digits(text.substr(0, length));
  digits.resize(kMostDigits, '0');
  text.remove_prefix(length);
  return parse_integer<Nanoseconds>(digits).value_or(0);
}

std::optional<Nanoseconds> unix_time(std::string_view text) {
  const std::size_t length = digits_of(text);
  const auto seconds = parse_integer<Nanoseconds>(text.substr(0, length));
  text.remove_prefix(length);
  const auto fraction = take_fraction(text);
  if (!seconds || !fraction || !text.empty()) return std::nullopt;
  if (*seconds >= std::numeric_limits<Nanoseconds>::max() / kSecond) return std::nullopt;
  return *seconds * kSecond + *fraction;
}

// "Z" or "+01:00" as seconds east of Greenwich.
std::optional<Nanoseconds> zone_offset(std::string_view text) {
  if (text == "Z") return 0;
  if (text.size() != 6 || text[3] != ':' || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto hours = parse_integer<unsigned>(text.substr(1, 2));
  const auto minutes = parse_integer<unsigned>(text.substr(4, 2));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const Nanoseconds offset = Nanoseconds{*hours} * 3600 + Nanoseconds{*minutes} * 60;
  return text[0] == '-' ? -offset : offset;
}

// Taken off the beginning of `text`.
std::optional<std::tm> take_date(std::string_view& text) {
  constexpr std::array kFormats = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H",
                                   "%Y-%m-%d"};
  const std::string whole(text);
  for (const char* format : kFormats) {
    std::tm date{};
    date.tm_isdst = -1;
    const char* const end = ::strptime(whole.c_str(), format, &date);
    if (end == nullptr) continue;
    text.remove_prefix(static_cast<std::size_t>(end - whole.c_str()));
    return date;
  }
  return std::nullopt;
}

std::optional<Nanoseconds> calendar_time(std::string_view text) {
  if (digits_of(text) != 4) return std::nullopt;
  auto date = take_date(text);
  if (!date) return std::nullopt;
  const auto fraction = take_fraction(text);
  const auto offset = text.empty() ? std::optional<Nanoseconds>(0) : zone_offset(text);
  if (!fraction || !offset) return std::nullopt;
  constexpr int kFirstYear = 1970 - 1900, kLastYear = 2261 - 1900;  // what nanoseconds can count
  if (date->tm_year < kFirstYear || date->tm_year > kLastYear) return std::nullopt;
  const std::time_t seconds = text.empty() ? ::mktime(&*date) : ::timegm(&*date);
  return (Nanoseconds{seconds} - *offset) * kSecond + *fraction;
}

}  // namespace

Result<Nanoseconds> parse_timestamp(std::string_view text, Nanoseconds now) {
  if (const auto before = parse_duration(text); before && text != "0") return now - *before;
  if (const auto date = calendar_time(text)) return *date;
  if (const auto seconds = unix_time(text)) return *seconds;
  return fail(
      "\"{}\" is neither a span of time (10m), nor a date (2026-11-20T16:35:59), nor seconds "
      "since 1970",
      text);
}

}  // namespace mycontainer::cmd::options
