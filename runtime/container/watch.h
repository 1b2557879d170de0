// Looking at a container for as long as it lives. Parent side.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/container/settings.h"

namespace mycontainer::runtime::container {

class Watch {
 public:
  // "container not running" (ESRCH) when it has stopped.
  static Result<Watch> open(const std::string& id, const Settings& settings);

  // Waits for the end of its first process, at most `patience`. Returns whether it has come.
  Result<bool> ended(std::chrono::milliseconds patience) const;
  [[nodiscard]] Result<cgroup::Stats> stats() const { return cgroup_.stats(); }
  // How many of its processes the kernel has killed for want of memory so far.
  [[nodiscard]] std::uint64_t oom_kills() const { return cgroup_.oom_kills(); }

 private:
  Watch(UniqueFd init, cgroup::Cgroup cgroup)
      : init_(std::move(init)), cgroup_(std::move(cgroup)) {}

  UniqueFd init_;  // a pidfd
  cgroup::Cgroup cgroup_;
};

}  // namespace mycontainer::runtime::container
