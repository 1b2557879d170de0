// How long something may take. Pure but for the clock.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>

#include "runtime/state/record.h"

namespace mycontainer::runtime::lifecycle {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  static Deadline never() { return Deadline(std::nullopt); }
  static Deadline after(std::chrono::nanoseconds patience) {
    return Deadline(Clock::now() + patience);
  }
  // Docker's --time: negative is without end.
  static Deadline after_seconds(int seconds) {
    return seconds < 0 ? never() : after(std::chrono::seconds(seconds));
  }

  // As ExitWaiter wants it: what is left, 0 when nothing is; negative: without end.
  [[nodiscard]] state::Nanoseconds remaining() const {
    if (!end_) return -1;
    return std::max<state::Nanoseconds>(0, std::chrono::nanoseconds(*end_ - Clock::now()).count());
  }
  // The same, but `step` at most.
  [[nodiscard]] state::Nanoseconds remaining(state::Nanoseconds step) const {
    const state::Nanoseconds left = remaining();
    return left < 0 ? step : std::min(left, step);
  }
  [[nodiscard]] bool passed() const { return end_ && Clock::now() >= *end_; }

 private:
  explicit Deadline(std::optional<Clock::time_point> end) : end_(end) {}
  std::optional<Clock::time_point> end_;
};

// For what nobody tells us: asks, first every millisecond, later less often, until `done` or the
// deadline. Whether it is done.
bool eventually(const Deadline& deadline, const std::function<bool()>& done);

// How long what was sent SIGKILL may take to end, and a supervisor to clean up after it.
inline constexpr std::chrono::seconds kEndPatience{10};

}  // namespace mycontainer::runtime::lifecycle
