// `--trace`: what every step of both processes cost, as a table or as a file that Perfetto opens.
// Parent side.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/engine/run_request.h"
#include "runtime/init/protocol.h"

namespace mycontainer::runtime::engine {

// Collects the parent's steps. Without --trace every call returns at once.
class Trace {
 public:
  // Opens the file that was asked for, so that a bad name is refused before anything is started.
  static Result<Trace> begin(const TraceRequest& request);

  // Nothing is recorded, ever.
  static Trace none() { return Trace(false); }
  [[nodiscard]] bool enabled() const { return enabled_; }

  // The time since the last mark (or since construction) belongs to `step`.
  void mark(const char* step);

  // The same, for the moment when the child's execve has become visible. `child` are the child's
  // steps, in the same clock; what lies between the last of them and this mark is shown as its step
  // "exec".
  void mark_started(const char* step, std::vector<init::StepTime> child);

  // The table on standard error, or the trace-event JSON in the file that was asked for
  // (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU: "complete
  // events").
  Result<void> write() const;

 private:
  explicit Trace(bool enabled);

  bool enabled_;
  UniqueFd file_;  // none: the table on standard error
  std::int64_t last_ = 0;
  std::vector<init::StepTime> steps_, child_;
};

// The two renderings, pure.
std::string trace_table(const std::vector<init::StepTime>& parent,
                        const std::vector<init::StepTime>& child);
std::string trace_events(const std::vector<init::StepTime>& parent,
                         const std::vector<init::StepTime>& child);

}  // namespace mycontainer::runtime::engine
