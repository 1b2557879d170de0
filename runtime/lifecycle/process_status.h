// What /proc tells about a process that should end: whether a signal would reach it, and where it
// hangs. Parsing is pure. Parent side.
//
// Source: proc_pid_status(5), and pid_namespaces(7): the first process of a PID namespace gets from
// outside only SIGKILL, SIGSTOP, and what it has a handler for or blocks; the kernel drops the rest.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::lifecycle {

struct ProcessStatus {
  std::string name;
  char state = '?';                                    // 'R', 'S', 'D' ...
  std::uint64_t blocked = 0, ignored = 0, caught = 0;  // bit n - 1: signal n
  bool first_of_namespace = false;
  // In sigwait(3), which takes what it waits for out of `blocked` as long as it waits.
  bool waits_for_signals = false;
};

// Of the text of /proc/PID/status; a text without its masks is an error.
Result<ProcessStatus> parse_process_status(std::string_view text);
Result<ProcessStatus> status_of_process(pid_t pid);

// Whether sending the signal has no effect at all: it is ignored, or has no handler in a process
// that the kernel protects from it. A blocked one may be waited for by signalfd(2).
bool drops_signal(const ProcessStatus& process, int signal);

// "process 4711 (dd) is in state D in nfs_wait_on_request": each of `pids` that has not ended,
// the first few of many.
std::string describe_stuck(const std::vector<pid_t>& pids);

}  // namespace mycontainer::runtime::lifecycle
