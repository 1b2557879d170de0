// What the two processes of a start say to each other. Both sides include this.
//
//   parent (runtime/launch)                         child (runtime/init)
//      |  clone3, execve(self, "mycontainer-init")      |
//      |------------------------------------------------>|  dispatch, entry
//      |  kMounts: mounts that kPlan has no room for     |  (only with very many)
//      |  kPlan: InitPlan, and the mounts it was given   |
//      |------------------------------------------------>|  steps up to the cgroup namespace
//      |  kGo: cgroups and host files are ready          |
//      |------------------------------------------------>|  the other steps
//      |             kConsole: the terminal's master end |  (only with a terminal)
//      |<------------------------------------------------|
//      |          kTrace: every step's name and time     |  (only with --trace)
//      |<------------------------------------------------|
//      |                    execve of the user's program |
//      |                end of file: it has started      |
//      |<------------------------------------------------|
//      |    or kFailed {step, Error}: it never will      |
//
// The child's end is close-on-exec, so that a successful execve is what ends the conversation.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::init {

enum class MessageType : std::uint32_t { kPlan = 1, kGo, kConsole, kTrace, kFailed, kMounts };

struct StepFailure {
  std::string step, operation, hint;
  std::int32_t code = 0;
  std::int32_t exit_status = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.step, self.operation, self.hint, self.code, self.exit_status);
  }
};

// Times are microseconds of CLOCK_MONOTONIC, so that both processes' can be put in one table.
struct StepTime {
  std::string name;
  std::int64_t begin = 0, end = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.name, self.begin, self.end);
  }
};

// The clock of StepTime.
std::int64_t now_microseconds();

}  // namespace mycontainer::runtime::init
