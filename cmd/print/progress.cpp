#include "cmd/print/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <ctime>
#include <string>

#include "reexec/sys/file.h"
#include "runtime/io/terminal.h"

namespace mycontainer::cmd::print {

namespace {

constexpr Nanoseconds kBetweenFrames = 100'000'000;

Nanoseconds now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<Nanoseconds>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

Screen screen_of(int fd) {
  const auto size = runtime::io::window_size(fd);
  if (!size || size->ws_col == 0 || size->ws_row == 0) return {};
  return {size->ws_col, size->ws_row};
}

std::string up(std::size_t lines) { return lines == 0 ? "\r" : fmt::format("\r\x1b[{}A", lines); }

}  // namespace

runtime::images::Report ProgressPrinter::report() {
  return [this](const Progress& progress) { take(progress); };
}

void ProgressPrinter::take(const Progress& progress) {
  if (!begun_) terminal_ = ::isatty(fd_) == 1;
  begun_ = true;
  if (progress.phase == Phase::kLine) {
    take_line(progress);
    return;
  }
  const bool is_new = !bars_.knows(progress.layer);
  const Phase before = bars_.phase_of(progress.layer);
  const Nanoseconds time = now();
  bars_.take(progress, time);
  if (!terminal_) {
    const bool repeats = !is_new && before == Phase::kWaiting && progress.phase == before;
    if (!repeats) (void)sys::write_all(fd_, progress_line(operation_, progress, before));
    return;
  }
  stale_ = true;
  if (time - last_ >= kBetweenFrames) draw(time);
}

// Above the bars while they move, below them when they have come to their end.
void ProgressPrinter::take_line(const Progress& progress) {
  const std::string text = progress_line(operation_, progress, Phase::kLine);
  if (!terminal_) {
    (void)sys::write_all(fd_, text);
    return;
  }
  if (bars_.all_ended()) {
    finish();
    (void)sys::write_all(fd_, text);
    return;
  }
  (void)sys::write_all(fd_, up(drawn_) + "\x1b[J" + text);
  drawn_ = 0;
  draw(now());
}

// One write(2) a frame, and the cursor always at the beginning of the line below: whoever ends us
// leaves a terminal that is as it was.
void ProgressPrinter::draw(Nanoseconds time) {
  std::string frame = up(drawn_);
  const auto lines = bars_.lines(screen_of(fd_), time);
  for (const std::string& line : lines) frame += line + "\x1b[K\n";
  frame += "\x1b[J";
  (void)sys::write_all(fd_, frame);
  drawn_ = lines.size();
  last_ = time;
  stale_ = false;
}

void ProgressPrinter::finish() {
  if (stale_) draw(now());
  drawn_ = 0;
  bars_.clear();
}

}  // namespace mycontainer::cmd::print
