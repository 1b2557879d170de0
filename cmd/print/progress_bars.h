// The words and bars for layers that are on their way: one line a layer. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/images/progress.h"
#include "runtime/state/record.h"

namespace mycontainer::cmd::print {

using runtime::images::Phase;
using runtime::images::Progress;
using runtime::state::Nanoseconds;

// Each has its own words for the same phases: "Pull complete", "Pushed".
enum class Operation : unsigned char { kPull, kPush, kLoad };

// What stands there instead of a terminal gets: "abc123: Pull complete\n" when there is something
// new to say about the layer since its phase `before`, else nothing.
std::string progress_line(Operation operation, const Progress& progress, Phase before);

struct Screen {
  std::size_t columns = 80, rows = 24;
};

class ProgressBars {
 public:
  explicit ProgressBars(Operation operation) : operation_(operation) {}

  // Not of kLine.
  void take(const Progress& progress, Nanoseconds now);
  // The phase the layer was in before; kWaiting when it was never seen.
  [[nodiscard]] Phase phase_of(std::string_view layer) const;
  [[nodiscard]] bool knows(std::string_view layer) const;
  // Nothing more is to be expected of any of them.
  [[nodiscard]] bool all_ended() const;
  void clear() { layers_.clear(); }

  // The lines to show, each shorter than the screen is wide, none with a control character. More
  // layers than fit: those that move, and a last line that counts the others.
  [[nodiscard]] std::vector<std::string> lines(Screen screen, Nanoseconds now) const;

 private:
  struct Layer {
    Progress last;
    Nanoseconds since = 0;         // when its phase began
    std::uint64_t begun_with = 0;  // bytes that were there then
  };
  [[nodiscard]] std::string line(const Layer& layer, std::size_t columns, Nanoseconds now) const;

  Operation operation_;
  std::vector<Layer> layers_;
};

}  // namespace mycontainer::cmd::print
