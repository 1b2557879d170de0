#include "cmd/oci/process_table.h"

#include <sys/sysmacros.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "cmd/oci/documents.h"

namespace mycontainer::cmd::oci {
namespace {

constexpr std::uint64_t kTicks = 100;  // a second, in everything that the kernel tells us

template <class Number>
Number number_of(std::string_view text) {
  Number number{};
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(" \t\n");
    if (end != 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

// What follows "KEY" at the beginning of a line; empty when there is no such line.
std::string_view line_after(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(key)) return line.substr(key.size());
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return {};
}

std::string printable(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    result += c == '\0' ? ' ' : code < 0x20 || code == 0x7f ? '?' : c;
  }
  return result;
}

std::string command_of(std::string_view cmdline, std::string_view name, bool ended) {
  while (cmdline.ends_with('\0')) cmdline.remove_suffix(1);
  if (!cmdline.empty()) return printable(cmdline);
  return fmt::format("[{}]{}", printable(name), ended ? " <defunct>" : "");
}

std::string terminal_name(int device) {
  constexpr unsigned kConsoles = 4, kFirstPts = 136, kLastPts = 143, kPtsEach = 256;
  const auto number = static_cast<dev_t>(static_cast<unsigned>(device));
  const unsigned group = major(number), index = minor(number);
  if (group == kConsoles) return fmt::format("tty{}", index);
  if (group >= kFirstPts && group <= kLastPts) {
    return fmt::format("pts/{}", (group - kFirstPts) * kPtsEach + index);
  }
  return device == 0 ? "?" : fmt::format("{}:{}", group, index);
}

// "13:37" today, "Jan31" this year, else the year.
std::string start_text(std::time_t start, std::time_t now) {
  std::tm then{}, today{};
  ::localtime_r(&start, &then);
  ::localtime_r(&now, &today);
  const bool this_year = then.tm_year == today.tm_year;
  const char* format = this_year && then.tm_yday == today.tm_yday ? "%H:%M"
                       : this_year                                ? "%b%d"
                                                                  : "%Y";
  char text[16] = {};
  (void)std::strftime(text, sizeof text, format, &then);
  return text;
}

std::string cpu_text(std::uint64_t seconds) {
  const std::uint64_t days = seconds / 86400;
  const std::string clock =
      fmt::format("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
  return days == 0 ? clock : fmt::format("{}-{}", days, clock);
}

// Percent of one CPU over the process's whole life.
std::uint64_t utilization(const ProcessFacts& facts, std::time_t start, std::time_t now) {
  const auto lived = static_cast<std::uint64_t>(std::max<std::time_t>(1, now - start));
  return std::min<std::uint64_t>(99, facts.used_ticks / lived);  // hundredths are percents
}

std::string user_text(std::string_view passwd, unsigned uid) {
  std::string name = owner_name(passwd, uid);
  if (name.starts_with('#')) name.erase(0, 1);
  if (name.size() > 8) name.replace(7, std::string::npos, "+");
  return name;
}

constexpr const char* kRow = "{:<8} {:>7} {:>7} {:>2} {:>5} {:<8} {:>8} {}\n";

}  // namespace

Result<ProcessFacts> read_facts(std::string_view stat, std::string_view status,
                                std::string_view cmdline) {
  // "PID (NAME) STATE ...": the name may hold anything, so the last ")" ends it.
  const std::size_t open = stat.find('('), close = stat.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return fail("/proc/PID/stat: not readable");
  }
  constexpr std::size_t kFirst = 3;  // proc_pid_stat(5) counts from 1
  const auto fields = split(stat.substr(close + 1));
  const auto field = [&](std::size_t number) { return fields[number - kFirst]; };
  constexpr std::size_t kParent = 4, kTerminal = 7, kUser = 14, kSystem = 15, kStart = 22;
  if (fields.size() <= kStart - kFirst) return fail("/proc/PID/stat: not readable");
  const auto uids = split(line_after(status, "Uid:"));
  if (uids.size() < 2) return fail("/proc/PID/status: not readable");
  ProcessFacts facts;
  facts.pid = number_of<pid_t>(stat);
  facts.parent = number_of<pid_t>(field(kParent));
  facts.uid = number_of<unsigned>(uids[1]);
  facts.terminal = number_of<int>(field(kTerminal));
  facts.used_ticks =
      number_of<std::uint64_t>(field(kUser)) + number_of<std::uint64_t>(field(kSystem));
  facts.start_ticks = number_of<std::uint64_t>(field(kStart));
  facts.command =
      command_of(cmdline, stat.substr(open + 1, close - open - 1), fields.front() == "Z");
  return facts;
}

std::time_t boot_time(std::string_view proc_stat) {
  return number_of<std::time_t>(line_after(proc_stat, "btime "));
}

std::vector<ProcessRow> process_rows(std::span<const ProcessFacts> processes,
                                     const TableContext& context) {
  std::vector<ProcessRow> rows = {{"UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"}};
  for (const ProcessFacts& facts : processes) {
    const std::time_t start = context.boot + static_cast<std::time_t>(facts.start_ticks / kTicks);
    rows.push_back({user_text(context.passwd, facts.uid), std::to_string(facts.pid),
                    std::to_string(facts.parent),
                    std::to_string(utilization(facts, start, context.now)),
                    start_text(start, context.now), terminal_name(facts.terminal),
                    cpu_text(facts.used_ticks / kTicks), facts.command});
  }
  return rows;
}

std::string process_table(std::span<const ProcessRow> rows) {
  std::string text;
  for (const ProcessRow& row : rows) {
    const auto& [uid, pid, parent, share, start, terminal, time, command] = row;
    text += fmt::format(kRow, uid, pid, parent, share, start, terminal, time, command);
  }
  return text;
}

}  // namespace mycontainer::cmd::oci
