#include "runtime/lifecycle/process_status.h"

#include <fcntl.h>

#include <charconv>
#include <csignal>
#include <optional>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::lifecycle {

namespace {

// What follows "KEY:" in its line, without white space before it.
std::optional<std::string_view> field(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.starts_with(key) || !line.substr(key.size()).starts_with(':')) continue;
    line.remove_prefix(key.size() + 1);
    const std::size_t value = line.find_first_not_of(" \t");
    return value == std::string_view::npos ? std::string_view() : line.substr(value);
  }
  return std::nullopt;
}

Result<std::uint64_t> mask(std::string_view text, std::string_view key) {
  constexpr int kHexadecimal = 16;
  const auto digits = field(text, key);
  std::uint64_t value = 0;
  if (!digits) return fail("a process's status without {}", key);
  const char* const end = digits->data() + digits->size();
  const auto [after, error] = std::from_chars(digits->data(), end, value, kHexadecimal);
  if (error != std::errc{} || after != end) return fail("a process's status: {}", key);
  return value;
}

// "NSpid: 4711 1": its number in each PID namespace from ours to its own.
bool is_first(std::string_view numbers) { return numbers.ends_with("\t1"); }

std::string text_of(pid_t pid, const char* file) {
  auto text = sys::read_file_at(AT_FDCWD, fmt::format("/proc/{}/{}", pid, file));
  return text ? *std::move(text) : std::string();
}

}  // namespace

Result<ProcessStatus> parse_process_status(std::string_view text) {
  ProcessStatus status;
  TRY(status.blocked, mask(text, "SigBlk"));
  TRY(status.ignored, mask(text, "SigIgn"));
  TRY(status.caught, mask(text, "SigCgt"));
  status.name = field(text, "Name").value_or("?");
  const std::string_view state = field(text, "State").value_or("?");
  status.state = state.empty() ? '?' : state.front();
  status.first_of_namespace = is_first(field(text, "NSpid").value_or(""));
  return status;
}

Result<ProcessStatus> status_of_process(pid_t pid) {
  TRY(const std::string text, sys::read_file_at(AT_FDCWD, fmt::format("/proc/{}/status", pid)));
  TRY(ProcessStatus status, parse_process_status(text));
  status.waits_for_signals = text_of(pid, "wchan").find("sigtimedwait") != std::string::npos;
  return status;
}

bool drops_signal(const ProcessStatus& process, int signal) {
  if (signal == SIGKILL || signal == SIGSTOP) return false;
  const std::uint64_t bit = std::uint64_t{1} << (signal - 1);
  if ((process.caught & bit) != 0) return false;
  if (process.waits_for_signals) return false;
  if ((process.ignored & bit) != 0) return true;
  return process.first_of_namespace && (process.blocked & bit) == 0;
}

std::string describe_stuck(const std::vector<pid_t>& pids) {
  constexpr int kMost = 3;
  std::string text;
  int shown = 0;
  for (const pid_t pid : pids) {
    const auto status = status_of_process(pid);
    if (!status || status->state == 'X') continue;
    if (shown++ == kMost) return text + " and more";
    if (!text.empty()) text += ", ";
    text += fmt::format("process {} ({}) is in state {}", pid, status->name, status->state);
    const std::string place = text_of(pid, "wchan");
    if (!place.empty() && place != "0") text += " in " + place;
  }
  return text;
}

}  // namespace mycontainer::runtime::lifecycle
