#include "cmd/print/progress_bars.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "cmd/print/text.h"
#include "cmd/print/units.h"

namespace mycontainer::cmd::print {

namespace {

constexpr std::size_t kLeastBar = 10, kMostBar = 50;

bool is_ended(Phase phase) {
  return phase == Phase::kDone || phase == Phase::kExists || phase == Phase::kMounted;
}

bool has_bar(Phase phase) {
  return phase == Phase::kDownloading || phase == Phase::kExtracting || phase == Phase::kUploading;
}

// By operation: pull, push, load.
using Words = std::array<std::string_view, 3>;

Words words_of(Phase phase) {
  switch (phase) {
    case Phase::kWaiting:
      return {"Pulling fs layer", "Preparing", "Waiting"};
    case Phase::kDownloading:
      return {"Downloading", "Downloading", "Reading"};
    case Phase::kRetrying:
      return {"Retrying", "Retrying", "Retrying"};
    case Phase::kVerifying:
      return {"Verifying Checksum", "Verifying", "Verifying"};
    case Phase::kExtracting:
      return {"Extracting", "Compressing", "Loading layer"};
    case Phase::kUploading:
      return {"Uploading", "Pushing", "Uploading"};
    case Phase::kMounted:
      return {"Mounted", "Mounted", "Mounted"};
    case Phase::kExists:
      return {"Already exists", "Layer already exists", "Already exists"};
    case Phase::kDone:
      return {"Pull complete", "Pushed", "Loaded"};
    case Phase::kLine:
      break;
  }
  return {"", "", ""};
}

std::string words(Operation operation, const Progress& progress) {
  std::string text(words_of(progress.phase)[static_cast<std::size_t>(operation)]);
  if (progress.text.empty()) return text;
  if (progress.phase == Phase::kRetrying) text += ": " + visible(progress.text);
  if (progress.phase == Phase::kMounted) text += " from " + visible(progress.text);
  return text;
}

// "[=====>    ]"
std::string bar(const Progress& progress, std::size_t width) {
  const std::uint64_t total = std::max(progress.total, std::uint64_t{1});
  const double part =
      std::min(1.0, static_cast<double>(progress.current) / static_cast<double>(total));
  const auto filled = static_cast<std::size_t>(part * static_cast<double>(width));
  std::string text(width, ' ');
  std::fill_n(text.begin(), filled, '=');
  if (filled > 0 || progress.current > 0) text[filled == 0 ? 0 : filled - 1] = '>';
  return "[" + text + "]";
}

std::string amounts(const Progress& progress) {
  const std::string current = human_size(progress.current);
  return progress.total == 0 ? current : current + "/" + human_size(progress.total);
}

}  // namespace

std::string progress_line(Operation operation, const Progress& progress, Phase before) {
  if (progress.phase == Phase::kLine) return visible(progress.text) + "\n";
  if (operation == Operation::kLoad) return {};
  std::string text;
  if (progress.phase == Phase::kExtracting && operation == Operation::kPull) {
    text = before == Phase::kExtracting ? "" : "Download complete";
  } else if (progress.phase == Phase::kRetrying || !has_bar(progress.phase)) {
    const bool is_new = progress.phase != before || progress.phase == Phase::kRetrying ||
                        progress.phase == Phase::kWaiting;
    if (is_new) text = words(operation, progress);
  }
  return text.empty() ? text : fmt::format("{}: {}\n", visible(progress.layer), text);
}

void ProgressBars::take(const Progress& progress, Nanoseconds now) {
  auto layer = std::ranges::find_if(
      layers_, [&](const Layer& known) { return known.last.layer == progress.layer; });
  if (layer == layers_.end()) layer = layers_.insert(layer, Layer{progress, 0, 0});
  if (layer->since == 0 || layer->last.phase != progress.phase) {
    layer->since = now;
    layer->begun_with = progress.current;
  }
  layer->last = progress;
}

Phase ProgressBars::phase_of(std::string_view layer) const {
  const auto known =
      std::ranges::find_if(layers_, [&](const Layer& one) { return one.last.layer == layer; });
  return known == layers_.end() ? Phase::kWaiting : known->last.phase;
}

bool ProgressBars::knows(std::string_view layer) const {
  return std::ranges::any_of(layers_, [&](const Layer& one) { return one.last.layer == layer; });
}

bool ProgressBars::all_ended() const {
  return std::ranges::all_of(layers_, [](const Layer& one) { return is_ended(one.last.phase); });
}

// What does not fit is left out from the right: the rate, the bar, the amounts.
std::string ProgressBars::line(const Layer& layer, std::size_t columns, Nanoseconds now) const {
  const std::size_t room = columns > 1 ? columns - 1 : 1;  // the last column may wrap
  const Progress& progress = layer.last;
  std::string text = fmt::format("{}: {}", visible(progress.layer), words(operation_, progress));
  if (!has_bar(progress.phase)) return ellipsis(text, room);
  const std::string amount = " " + amounts(progress);
  std::string rate;
  if (now > layer.since && progress.current > layer.begun_with) {
    const double seconds = static_cast<double>(now - layer.since) / 1e9;
    const double bytes = static_cast<double>(progress.current - layer.begun_with);
    rate = "  " + human_size(static_cast<std::uint64_t>(bytes / seconds), 3) + "/s";
  }
  const std::size_t taken = display_width(text) + 3 + amount.size();
  if (progress.total > 0 && taken + kLeastBar <= room) {
    const std::size_t spare = room - taken;
    const std::size_t with_rate = spare > rate.size() + kLeastBar ? spare - rate.size() : spare;
    text += " " + bar(progress, std::min(kMostBar, with_rate)) + amount;
    if (with_rate != spare) text += rate;
    return text;
  }
  return ellipsis(text + amount, room);
}

std::vector<std::string> ProgressBars::lines(Screen screen, Nanoseconds now) const {
  const std::size_t room = std::max(screen.rows, std::size_t{3}) - 1;
  std::vector<std::string> text;
  if (layers_.size() <= room) {
    for (const Layer& layer : layers_) text.push_back(line(layer, screen.columns, now));
    return text;
  }
  std::size_t ended = 0, moving = 0;
  for (const Layer& layer : layers_) {
    if (is_ended(layer.last.phase)) ++ended;
    if (is_ended(layer.last.phase) || layer.last.phase == Phase::kWaiting) continue;
    if (++moving < room) text.push_back(line(layer, screen.columns, now));
  }
  text.push_back(ellipsis(fmt::format("{} of {} layers are here", ended, layers_.size()),
                          screen.columns > 1 ? screen.columns - 1 : 1));
  return text;
}

}  // namespace mycontainer::cmd::print
