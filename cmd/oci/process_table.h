// The table that `ps` and `top` print: as `ps -ef` has it, from the files of /proc alone, so that no program
// of that name is needed. Pure.
//
// Source: proc_pid_stat(5), proc_pid_status(5), proc_pid_cmdline(5).
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <ctime>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::cmd::oci {

struct ProcessFacts {
  pid_t pid = 0, parent = 0;
  unsigned uid = 0;               // effective
  int terminal = 0;               // a device number; 0: none
  std::uint64_t used_ticks = 0;   // CPU time, in hundredths of a second
  std::uint64_t start_ticks = 0;  // since the machine started
  std::string command;            // "[name]" when it has no arguments
};

// From the texts of /proc/PID/{stat,status,cmdline}.
Result<ProcessFacts> read_facts(std::string_view stat, std::string_view status,
                                std::string_view cmdline);

struct TableContext {
  std::string_view passwd;  // the text of /etc/passwd
  std::time_t boot = 0;     // when the machine started
  std::time_t now = 0;
};

// Seconds since the epoch: "btime" in the text of /proc/stat, or 0.
std::time_t boot_time(std::string_view proc_stat);

// UID PID PPID C STIME TTY TIME CMD: the headers, then a row for each process. Bytes that could drive
// the reader's terminal are shown as "?".
using ProcessRow = std::array<std::string, 8>;
std::vector<ProcessRow> process_rows(std::span<const ProcessFacts> processes,
                                     const TableContext& context);
// A line each, as ps aligns them.
std::string process_table(std::span<const ProcessRow> rows);

}  // namespace mycontainer::cmd::oci
