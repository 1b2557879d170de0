// Waiting for the kernel where it has no event to offer, and giving up in time. Parent side.
#pragma once

#include <poll.h>

#include <algorithm>
#include <chrono>

namespace mycontainer::runtime::cgroup {

using Milliseconds = std::chrono::milliseconds;

// The wait between two looks where the kernel has no event to offer: 1 ms, then ever longer.
class Pause {
 public:
  explicit Pause(Milliseconds patience) : end_(Clock::now() + patience) {}
  [[nodiscard]] bool over() const { return Clock::now() >= end_; }
  [[nodiscard]] int left() const {
    const auto rest = std::chrono::ceil<Milliseconds>(end_ - Clock::now()).count();
    return static_cast<int>(std::clamp<long>(rest, 0, 60000));
  }
  void take() {
    ::poll(nullptr, 0, std::min(step_, left()));
    step_ = std::min(step_ * 2, 20);
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point end_;
  int step_ = 1;
};

}  // namespace mycontainer::runtime::cgroup
