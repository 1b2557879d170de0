// Shows how far an operation on images is: on a terminal one bar a layer, redrawn in place, elsewhere
// a line for each step.
#pragma once

#include <cstddef>

#include "cmd/print/progress_bars.h"
#include "runtime/images/progress.h"

namespace mycontainer::cmd::print {

class ProgressPrinter {
 public:
  // Writes to `fd`. Nothing is written before there is something to tell.
  ProgressPrinter(int fd, Operation operation) : fd_(fd), bars_(operation), operation_(operation) {}
  ProgressPrinter(const ProgressPrinter&) = delete;
  ProgressPrinter& operator=(const ProgressPrinter&) = delete;
  // What was not shown yet for want of time is.
  ~ProgressPrinter() { finish(); }

  // Valid as long as this object; from several threads, one call at a time.
  [[nodiscard]] runtime::images::Report report();
  // The cursor stands below the bars, which stay. To be called before anything else is written there.
  void finish();

 private:
  void take(const Progress& progress);
  void take_line(const Progress& progress);
  void draw(Nanoseconds now);

  int fd_;
  ProgressBars bars_;
  Operation operation_;
  bool begun_ = false, terminal_ = false, stale_ = false;
  std::size_t drawn_ = 0;  // lines of bars above the cursor
  Nanoseconds last_ = 0;   // when they were drawn
};

}  // namespace mycontainer::cmd::print
