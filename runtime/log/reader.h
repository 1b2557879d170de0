// Reading a container's log, while it is being written and rotated or afterwards. Never locks, never
// waits for the writer.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "runtime/state/record.h"

namespace mycontainer::runtime::log {

struct ReadRequest {
  std::optional<std::uint64_t> tail;  // the last so many lines, of all files together
  state::Nanoseconds since = 0, until = 0;  // 0: no bound
  // Follow: called when all that is there was read; false ends. It waits for more (inotify(7), at
  // most `patience` at a time) before it returns true. Empty: do not follow.
  bool follow = false;
  std::function<bool()> goes_on;  // with follow: whether the container still runs
};

struct Entry {
  int stream = 1;
  std::string_view time;  // as it stands in the file
  std::string_view text;  // with its newline, unless it is a part of a line
};

// Calls `take` for each record in order until it returns false. Lines that are no record are left
// out. A container without a log is an error for the caller to word (ENOENT).
Result<void> read(int directory, const ReadRequest& request,
                  const std::function<bool(const Entry&)>& take);

}  // namespace mycontainer::runtime::log
