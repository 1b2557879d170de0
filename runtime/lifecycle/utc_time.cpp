#include "runtime/lifecycle/utc_time.h"

#include <fmt/core.h>

#include <ctime>

namespace mycontainer::runtime::lifecycle {

std::string utc_time(state::Nanoseconds time) {
  constexpr state::Nanoseconds kSecond = 1'000'000'000;
  if (time == 0) return "0001-01-01T00:00:00Z";
  // Rounded down, so that the fraction is never negative.
  const state::Nanoseconds fraction = (time % kSecond + kSecond) % kSecond;
  const std::time_t seconds = (time - fraction) / kSecond;
  std::tm parts{};
  (void)::gmtime_r(&seconds, &parts);
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
                  parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  if (fraction != 0) {
    text += fmt::format(".{:09}", fraction);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + "Z";
}

}  // namespace mycontainer::runtime::lifecycle
