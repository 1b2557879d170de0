#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <thread>

#include "cmd/list/list_format.h"
#include "cmd/options/members.h"
#include "cmd/stats_row.h"
#include "cmd/verbs.h"
#include "runtime/lifecycle/running.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd {
namespace {

using options::flag;
using options::Option;
using runtime::lifecycle::Usage;
using runtime::state::Roots;

struct Typed {
  bool all = false, once = false, whole = false;
  std::string format;
};

constexpr std::array kOptions = {
    Option{"all", 'a', "", "Show all containers (default shows just running)", flag<&Typed::all>},
    Option{"format", 0, "string",
           "Format output: 'table', 'table TEMPLATE', 'json' or a Go template 'TEMPLATE'",
           options::text<&Typed::format>},
    Option{"no-stream", 0, "", "Disable streaming stats and only pull the first result",
           flag<&Typed::once>},
    Option{"no-trunc", 0, "", "Do not truncate output", flag<&Typed::whole>},
};

constexpr std::string_view kTable =
    "table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}"
    "\t{{.PIDs}}";
constexpr auto kBetweenReadings = std::chrono::seconds(1);

// The containers that are shown, and their last readings.
class Board {
 public:
  Board(const Roots& roots, bool all) : roots_(roots), all_(all) {}

  // Those that the user has named, which must exist; none: all that run, whatever comes and goes.
  Result<void> choose(const std::vector<std::string>& words) {
    chosen_ = !words.empty();
    for (const std::string& word : words) {
      TRY(std::string id, runtime::state::find(roots_, word));
      Measured measured;
      measured.id = std::move(id);
      measured.word = word;
      rows_.push_back(std::move(measured));
    }
    return {};
  }

  Result<void> measure() {
    if (!chosen_) TRY_VOID(list());
    for (Measured& row : rows_) measure(row);
    if (!chosen_ && !all_) std::erase_if(rows_, [](const auto& row) { return !row.runs; });
    return {};
  }

  [[nodiscard]] const std::vector<Measured>& rows() const { return rows_; }
  // Of those that the user has named, nothing runs any more.
  [[nodiscard]] bool is_over() const {
    return chosen_ && std::ranges::none_of(rows_, &Measured::runs);
  }

 private:
  Result<void> list() {
    TRY(const auto listed, runtime::state::list(roots_));
    std::map<std::string, std::optional<Usage>> readings;
    for (Measured& row : rows_) readings[row.id] = std::move(row.now);
    rows_.clear();
    for (const auto& entry : listed) {
      Measured row;
      row.id = row.word = entry.record.id;
      row.name = entry.record.name;
      row.now = std::move(readings[row.id]);
      rows_.push_back(std::move(row));
    }
    return {};
  }

  void measure(Measured& row) const {
    row.before = std::exchange(row.now, std::nullopt);
    if (row.name.empty()) {
      const auto stored = runtime::state::Container::open(roots_, row.id);
      if (const auto record = stored ? stored->read() : Failure(Error{})) row.name = record->name;
    }
    const auto running = runtime::lifecycle::inspect_running(roots_, row.id);
    row.runs = running.has_value();
    if (!running) return;
    if (auto usage = runtime::lifecycle::read_usage(*running)) row.now = *usage;
  }

  const Roots& roots_;
  bool all_, chosen_ = false;
  std::vector<Measured> rows_;
};

Result<std::string> text_of(const Board& board, const list::ListFormat& format, bool truncates) {
  TRY(std::string text, format.header(stats_headers()));
  for (const Measured& row : board.rows()) {
    TRY(const std::string line, format.line(stats_document(row, truncates)));
    text += line;
  }
  return format.finish(std::move(text));
}

// Over what the terminal shows already: each line to its end, then whatever is below.
std::string redrawn(std::string_view text) {
  std::string result = "\x1b[H";
  for (const char c : text) {
    if (c == '\n') result += "\x1b[K";
    result += c;
  }
  return result + "\x1b[J";
}

Result<int> stream(Board& board, const list::ListFormat& format, bool truncates) {
  const bool redraws = ::isatty(STDOUT_FILENO) == 1;
  if (redraws) TRY_VOID(say("\x1b[2J"));
  while (true) {
    TRY(const std::string text, text_of(board, format, truncates));
    TRY_VOID(say(redraws ? redrawn(text) : text));
    if (board.is_over()) return 0;
    std::this_thread::sleep_for(kBetweenReadings);
    TRY_VOID(board.measure());
  }
}

}  // namespace

Result<int> stats_verb(const VerbCall& call) {
  Typed typed;
  TRY(const auto words, parse_verb(call, kOptions, &typed, {}));
  if (!words) return 0;
  const bool usual = typed.format.empty() || typed.format == "table";
  TRY(const auto format, list::ListFormat::parse(usual ? kTable : std::string_view(typed.format)));
  TRY(const auto roots, roots_of(call));
  Board board(roots, typed.all);
  TRY_VOID(board.choose(*words));
  TRY_VOID(board.measure());
  const bool nothing_runs = std::ranges::none_of(board.rows(), &Measured::runs);
  // How much of a processor it uses takes two readings to tell.
  if (!nothing_runs) {
    std::this_thread::sleep_for(kBetweenReadings);
    TRY_VOID(board.measure());
  }
  if (!typed.once) return stream(board, format, !typed.whole);
  TRY(const std::string text, text_of(board, format, !typed.whole));
  TRY_VOID(say(text));
  return 0;
}

}  // namespace mycontainer::cmd
