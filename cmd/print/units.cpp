#include "cmd/print/units.h"

#include <fmt/core.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <span>
#include <string_view>

namespace mycontainer::cmd::print {
namespace {

constexpr Nanoseconds kSecond = 1'000'000'000;

std::string scaled(double value, double base, std::span<const char* const> units, int digits) {
  std::array<char, 32> text{};
  for (std::size_t unit = 0;; ++unit, value /= base) {
    const bool last = unit + 1 == units.size();
    if (value >= base && !last) continue;
    (void)std::snprintf(text.data(), text.size(), "%.*g", digits, value);
    // 999.9 in three digits would be "1e+03": it is 1 of the next unit.
    const bool has_exponent = std::string_view(text.data()).find('e') != std::string_view::npos;
    if (!has_exponent || last) return std::string(text.data()) + units[unit];
  }
}

// The seconds of a time before 1970 are rounded down, as the nanoseconds beside them are positive.
std::time_t seconds_of(Nanoseconds time) { return time / kSecond - (time % kSecond < 0 ? 1 : 0); }
Nanoseconds fraction_of(Nanoseconds time) {
  const Nanoseconds rest = time % kSecond;
  return rest < 0 ? rest + kSecond : rest;
}

std::string formatted(const char* format, const std::tm& parts) {
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

std::tm local_parts(Nanoseconds time) {
  const std::time_t seconds = seconds_of(time);
  std::tm parts{};
  (void)::localtime_r(&seconds, &parts);
  return parts;
}

}  // namespace

std::string human_duration(Nanoseconds duration) {
  const std::int64_t seconds = duration / kSecond;
  if (seconds < 1) return "Less than a second";
  if (seconds == 1) return "1 second";
  if (seconds < 60) return fmt::format("{} seconds", seconds);
  const std::int64_t minutes = seconds / 60;
  if (minutes == 1) return "About a minute";
  if (minutes < 60) return fmt::format("{} minutes", minutes);
  const std::int64_t hours = (duration + 1800 * kSecond) / (3600 * kSecond);
  if (hours == 1) return "About an hour";
  if (hours < 48) return fmt::format("{} hours", hours);
  if (hours < 24 * 7 * 2) return fmt::format("{} days", hours / 24);
  if (hours < 24 * 30 * 2) return fmt::format("{} weeks", hours / 24 / 7);
  if (hours < 24 * 365 * 2) return fmt::format("{} months", hours / 24 / 30);
  return fmt::format("{} years", duration / (3600 * kSecond) / 24 / 365);
}

std::string human_size(std::uint64_t bytes, int digits) {
  static constexpr std::array kUnits = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  return scaled(static_cast<double>(bytes), 1000, kUnits, digits);
}

std::string binary_size(std::uint64_t bytes) {
  static constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  return scaled(static_cast<double>(bytes), 1024, kUnits, 4);
}

std::string local_time_nano(Nanoseconds time) {
  const std::tm parts = local_parts(time);
  std::string text = formatted("%Y-%m-%dT%H:%M:%S", parts);
  text += fmt::format(".{:09}", fraction_of(time));
  if (parts.tm_gmtoff == 0) return text + "Z";
  std::string offset = formatted("%z", parts);  // "+0100"
  offset.insert(3, ":");
  return text + offset;
}

std::string local_time_words(Nanoseconds time) {
  return formatted("%Y-%m-%d %H:%M:%S %z %Z", local_parts(time));
}

}  // namespace mycontainer::cmd::print
