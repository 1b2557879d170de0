// One turn of the name service's poll(2). Child side; private to dns.
#pragma once

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace mycontainer::runtime::network {

using Clock = std::chrono::steady_clock;

class Polling {
 public:
  // A place that no turn has.
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  // Where events() finds what happened, in this turn.
  std::size_t watch(int fd, short events, Clock::time_point deadline = Clock::time_point::max()) {
    fds_.push_back({fd, events, 0});
    deadline_ = std::min(deadline_, deadline);
    return fds_.size() - 1;
  }

  // Until something happens or the first deadline.
  void wait() {
    using std::chrono::milliseconds;
    int timeout = -1;
    if (deadline_ != Clock::time_point::max()) {
      const auto left = std::chrono::ceil<milliseconds>(deadline_ - Clock::now());
      timeout = static_cast<int>(std::clamp(left, milliseconds(0), milliseconds(60'000)).count());
    }
    if (::poll(fds_.data(), fds_.size(), timeout) <= 0) fds_.clear();
  }

  [[nodiscard]] short events(std::size_t place) const {
    return place < fds_.size() ? fds_[place].revents : short{0};
  }

 private:
  std::vector<pollfd> fds_;
  Clock::time_point deadline_ = Clock::time_point::max();
};

}  // namespace mycontainer::runtime::network
