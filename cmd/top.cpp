#include <algorithm>
#include <charconv>
#include <span>

#include "cmd/oci/process_facts.h"
#include "cmd/print/table.h"
#include "cmd/verbs.h"
#include "reexec/command.h"
#include "runtime/lifecycle/running.h"
#include "runtime/state/store.h"

namespace mycontainer::cmd {
namespace {

using print::Row;
using Pids = std::span<const pid_t>;

constexpr std::size_t kLeastWidth = 20;  // of a column, as Docker has it

std::vector<std::string> fields_of(std::string_view line, std::size_t most) {
  std::vector<std::string> fields;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty()) return fields;
    const std::size_t end = fields.size() + 1 == most ? line.size() : line.find_first_of(" \t");
    fields.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(end, line.size()));
  }
}

bool is_among(Pids pids, const std::string& text) {
  pid_t pid = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), pid);
  return status == std::errc{} && end == text.data() + text.size() &&
         std::ranges::find(pids, pid) != pids.end();
}

// The host's ps(1), which looks at processes and runs nothing of the container's.
Result<std::string> run_ps(const std::vector<std::string>& options) {
  auto output = reexec::Command::program("ps", options).in(reexec::Stdio::null()).output();
  if (!output && output.error().exit_status == 127) {
    return Failure(Error{"options need the host's ps(1), which is not there", 0,
                         "without options the columns are those of -ef", 1});
  }
  if (!output) return Failure(std::move(output).error());
  if (output->status.success()) return std::move(output->out);
  const std::string_view words = output->err;
  return Failure(Error{fmt::format("ps: {}", words.substr(0, words.find('\n'))), 0, {}, 1});
}

// Options that choose processes ("f", "-C") cannot go together with -q.
Result<std::string> run_ps_for(const std::vector<std::string>& options, Pids pids) {
  std::string list = "-q";
  for (const pid_t pid : pids) list += fmt::format("{}{}", list.size() > 2 ? "," : "", pid);
  auto chosen = options;
  chosen.push_back(std::move(list));
  auto text = run_ps(chosen);
  return text ? text : run_ps(options);
}

// Those lines of ps's output that are about `pids`; a thread's line has "-" and follows its process's.
Result<std::vector<Row>> rows_of(std::string_view text, Pids pids) {
  std::vector<Row> rows;
  std::size_t place = 0;
  bool ours = false;
  for (bool header = true; !text.empty(); header = false) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    Row fields = fields_of(line, header ? 0 : rows.front().size());
    if (header) {
      const auto pid = std::ranges::find(fields, "PID");
      if (pid == fields.end()) return fail("couldn't find PID field in ps output");
      place = static_cast<std::size_t>(pid - fields.begin());
    } else {
      if (place >= fields.size()) continue;
      ours = is_among(pids, fields[place]) || (ours && fields[place] == "-");
    }
    if (header || ours) rows.push_back(std::move(fields));
  }
  if (rows.empty()) return fail("ps printed nothing");
  return rows;
}

Result<std::vector<Row>> rows_for(const std::vector<std::string>& options, Pids pids) {
  if (!options.empty() && options != std::vector<std::string>{"-ef"}) {
    TRY(const std::string text, run_ps_for(options, pids));
    return rows_of(text, pids);
  }
  TRY(const auto processes, oci::process_rows_of(pids));
  std::vector<Row> rows;
  for (const auto& process : processes) rows.emplace_back(process.begin(), process.end());
  return rows;
}

}  // namespace

Result<int> top_verb(const VerbCall& call) {
  TRY(auto words, parse_verb(call, {}, nullptr, {.least = 1}, Order::kLeading));
  if (!words) return 0;
  TRY(const auto roots, roots_of(call));
  TRY(const std::string id, runtime::state::find(roots, words->front()));
  TRY(const auto running, runtime::lifecycle::inspect_running(roots, id));
  TRY(const auto pids, runtime::lifecycle::processes(running));
  words->erase(words->begin());
  TRY(const auto rows, rows_for(*words, pids));
  TRY_VOID(say(print::table(rows, kLeastWidth)));
  return 0;
}

}  // namespace mycontainer::cmd
