#include "runtime/lifecycle/deadline.h"

#include <algorithm>
#include <thread>

namespace mycontainer::runtime::lifecycle {

bool eventually(const Deadline& deadline, const std::function<bool()>& done) {
  constexpr std::chrono::milliseconds kFirst(1), kLongest(20);
  auto step = kFirst;
  while (!done()) {
    if (deadline.passed()) return false;
    std::this_thread::sleep_for(
        std::chrono::nanoseconds(deadline.remaining(std::chrono::nanoseconds(step).count())));
    step = std::min(step * 2, kLongest);
  }
  return true;
}

}  // namespace mycontainer::runtime::lifecycle
