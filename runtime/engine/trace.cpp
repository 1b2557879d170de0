#include "runtime/engine/trace.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::engine {

namespace {

struct Row {
  const char* process;
  const init::StepTime* step;
};

// Both processes' steps in the order in which they began.
std::vector<Row> rows_of(const std::vector<init::StepTime>& parent,
                         const std::vector<init::StepTime>& child) {
  std::vector<Row> rows;
  rows.reserve(parent.size() + child.size());
  for (const init::StepTime& step : parent) rows.push_back({"parent", &step});
  for (const init::StepTime& step : child) rows.push_back({"child", &step});
  std::ranges::stable_sort(rows, {}, [](const Row& row) { return row.step->begin; });
  return rows;
}

}  // namespace

Trace::Trace(bool enabled) : enabled_(enabled) {
  if (enabled_) last_ = init::now_microseconds();
}

Result<Trace> Trace::begin(const TraceRequest& request) {
  Trace trace(request.enabled);
  if (!request.enabled || request.file.empty()) return trace;
  TRY(trace.file_, sys::open_at(AT_FDCWD, request.file, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  return trace;
}

void Trace::mark(const char* step) {
  if (!enabled_) return;
  const std::int64_t now = init::now_microseconds();
  steps_.push_back({step, last_, now});
  last_ = now;
}

void Trace::mark_started(const char* step, std::vector<init::StepTime> child) {
  mark(step);
  child_ = std::move(child);
  if (!child_.empty()) child_.push_back({"exec", child_.back().end, last_});
}

Result<void> Trace::write() const {
  if (!enabled_) return {};
  if (!file_) return sys::write_all(STDERR_FILENO, trace_table(steps_, child_));
  return sys::write_all(file_.get(), trace_events(steps_, child_));
}

std::string trace_table(const std::vector<init::StepTime>& parent,
                        const std::vector<init::StepTime>& child) {
  const std::vector<Row> rows = rows_of(parent, child);
  std::string table = fmt::format("{:<8}{:<28}{:>10}{:>10}\n", "process", "step", "at us", "us");
  for (const Row& row : rows) {
    const std::int64_t zero = rows.front().step->begin;
    table += fmt::format("{:<8}{:<28}{:>10}{:>10}\n", row.process, row.step->name,
                         row.step->begin - zero, row.step->end - row.step->begin);
  }
  return table;
}

std::string trace_events(const std::vector<init::StepTime>& parent,
                         const std::vector<init::StepTime>& child) {
  nlohmann::json events = nlohmann::json::array();
  for (const Row& row : rows_of(parent, child)) {
    const int process = row.process[0] == 'p' ? 1 : 2;
    events.push_back({{"name", row.step->name},
                      {"cat", row.process},
                      {"ph", "X"},
                      {"ts", row.step->begin},
                      {"dur", row.step->end - row.step->begin},
                      {"pid", process},
                      {"tid", process}});
  }
  return nlohmann::json{{"traceEvents", std::move(events)}}.dump() + "\n";
}

}  // namespace mycontainer::runtime::engine
