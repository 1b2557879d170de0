// The first SIGINT or SIGTERM asks a long operation to end cleanly; the second, or a second without
// an end, ends the process. Parent side.
#pragma once

#include <csignal>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::images {

// One at a time. Signals that were ignored (a script's `&`) stay ignored.
class Interruption {
 public:
  Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  // An error with exit status 128 + n once a signal came. Any thread.
  [[nodiscard]] static Result<void> check();

 private:
  struct sigaction before_[2]{};
  struct sigaction alarm_before_ {};
};

}  // namespace mycontainer::runtime::images
