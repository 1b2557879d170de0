// Times as a log has them: RFC 3339 in UTC. Pure; monitor and readers.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "runtime/state/record.h"

namespace mycontainer::runtime::log {

// "2026-11-20T16:35:59.123456789Z": always nine digits, so that lines can be told by their length.
inline constexpr std::size_t kTimeSize = 30;

// Keeps the text of the second, which most records share with the one before.
class TimeText {
 public:
  // Valid until the next call.
  std::string_view of(state::Nanoseconds time);

 private:
  state::Nanoseconds second_ = -1;
  std::array<char, kTimeSize> text_{};
};

// RFC 3339 with any number of fractional digits, "Z" or an offset ("+01:00"); nothing for what is
// none, or lies outside the years 1678 to 2262.
std::optional<state::Nanoseconds> parse_time(std::string_view text);

}  // namespace mycontainer::runtime::log
