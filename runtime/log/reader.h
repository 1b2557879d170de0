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
  std::optional<std::uint64_t> tail;        // the last so many records, of all files together
  state::Nanoseconds since = 0, until = 0;  // 0: no bound
  bool follow = false;  // waits for more (inotify(7)), until `until` has come or goes_on() ends it
  // With follow: whether the container still runs. Called when all that is there has been read and
  // passed on, at every change in the directory and a few times a second; after a false, what came
  // meanwhile is passed on, and that is all.
  std::function<bool()> goes_on;
};

struct Entry {
  int stream = 1;
  std::string_view time;  // as it stands in the file
  std::string_view text;  // with its newline, unless it is a part of a line
};

// Calls `take` for each record in order until it returns false; what it is given is gone when it
// returns. Lines that are no record are left out; a last line without its newline is not yet one.
// Without `follow` it ends where the log ended when it was called. `directory`: the container's.
// A container without a log is an error for the caller to word (ENOENT).
Result<void> read(int directory, const ReadRequest& request,
                  const std::function<bool(const Entry&)>& take);

}  // namespace mycontainer::runtime::log
