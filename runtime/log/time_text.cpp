#include "runtime/log/time_text.h"

#include <ctime>

namespace mycontainer::runtime::log {
namespace {

constexpr state::Nanoseconds kSecond = 1'000'000'000;
constexpr std::size_t kWithoutFraction = 19;  // "2026-11-20T16:35:59"

// Writes `value` with `digits` digits.
void put(char* to, int digits, std::int64_t value) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) to[i] = static_cast<char>('0' + value % 10);
}

// The number in `text`, or -1 when a character is no digit.
int number(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

// Takes ".123" from the front of `text`; digits beyond the ninth do not count.
std::optional<state::Nanoseconds> take_fraction(std::string_view& text) {
  if (!text.starts_with('.')) return 0;
  text.remove_prefix(1);
  state::Nanoseconds value = 0, unit = kSecond / 10;
  const std::size_t before = text.size();
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    value += (text.front() - '0') * unit;
    unit /= 10;
    text.remove_prefix(1);
  }
  if (text.size() == before) return std::nullopt;
  return value;
}

// Seconds east of Greenwich: "Z", "+01:00".
std::optional<std::int64_t> offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || text[3] != ':' || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int hours = number(text.substr(1, 2)), minutes = number(text.substr(4, 2));
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const std::int64_t seconds = hours * 3600 + minutes * 60;
  return text[0] == '-' ? -seconds : seconds;
}

// timegm(3) takes the 31st of February; this does not.
std::optional<std::int64_t> seconds_of(std::string_view text) {
  for (const auto& [at, mark] : {std::pair{4U, '-'}, {7U, '-'}, {13U, ':'}, {16U, ':'}}) {
    if (text[at] != mark) return std::nullopt;
  }
  if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return std::nullopt;
  std::tm parts{};
  parts.tm_year = number(text.substr(0, 4)) - 1900;
  parts.tm_mon = number(text.substr(5, 2)) - 1;
  parts.tm_mday = number(text.substr(8, 2));
  parts.tm_hour = number(text.substr(11, 2));
  parts.tm_min = number(text.substr(14, 2));
  parts.tm_sec = number(text.substr(17, 2));
  if (parts.tm_hour < 0 || parts.tm_min < 0 || parts.tm_sec < 0) return std::nullopt;
  std::tm same = parts;
  const std::time_t seconds = ::timegm(&same);
  const bool exact = same.tm_year == parts.tm_year && same.tm_mon == parts.tm_mon &&
                     same.tm_mday == parts.tm_mday && same.tm_hour == parts.tm_hour &&
                     same.tm_min == parts.tm_min && same.tm_sec == parts.tm_sec;
  if (!exact) return std::nullopt;
  return seconds;
}

}  // namespace

std::string_view TimeText::of(state::Nanoseconds time) {
  if (time < 0) time = 0;
  if (const state::Nanoseconds second = time / kSecond; second != second_) {
    second_ = second;
    std::tm parts{};
    const std::time_t seconds = second;
    ::gmtime_r(&seconds, &parts);
    text_ = {'0', '0', '0', '0', '-', '0', '0', '-', '0', '0', 'T', '0', '0', ':', '0',
             '0', ':', '0', '0', '.', '0', '0', '0', '0', '0', '0', '0', '0', '0', 'Z'};
    put(text_.data(), 4, parts.tm_year + 1900);
    put(text_.data() + 5, 2, parts.tm_mon + 1);
    put(text_.data() + 8, 2, parts.tm_mday);
    put(text_.data() + 11, 2, parts.tm_hour);
    put(text_.data() + 14, 2, parts.tm_min);
    put(text_.data() + 17, 2, parts.tm_sec);
  }
  put(text_.data() + kWithoutFraction + 1, 9, time % kSecond);
  return {text_.data(), text_.size()};
}

std::optional<state::Nanoseconds> parse_time(std::string_view text) {
  if (text.size() <= kWithoutFraction) return std::nullopt;
  const auto seconds = seconds_of(text.substr(0, kWithoutFraction));
  text.remove_prefix(kWithoutFraction);
  const auto fraction = take_fraction(text);
  const auto east = offset(text);
  if (!seconds || !fraction || !east) return std::nullopt;
  state::Nanoseconds time = 0;
  if (__builtin_mul_overflow(*seconds - *east, kSecond, &time) ||
      __builtin_add_overflow(time, *fraction, &time)) {
    return std::nullopt;
  }
  return time;
}

}  // namespace mycontainer::runtime::log
