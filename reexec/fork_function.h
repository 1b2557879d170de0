// fork(2) for a function, without an execve. Parent side.
#pragma once

#include <unistd.h>

#include <concepts>
#include <utility>

#include "reexec/process.h"
#include "reexec/sys/error.h"

namespace mycontainer::reexec {

// Whether only the calling thread runs (/proc/self/task has one entry).
Result<bool> single_threaded();

// In the parent the new child; in the child nothing (pidfd -1). Refused with EBUSY when more than
// one thread runs: the child would have one thread and the locks of all. The child keeps the
// parent's descriptors and memory (its own copy), signal dispositions and mask.
struct Forked {
  bool in_child = false;
  UniqueFd pidfd{};
  pid_t pid = 0;
};
Result<Forked> fork_here();

// Runs `function`, which returns the exit code, in a copy of this process. The child leaves by
// _exit(2): destructors and buffers of the parent's are not run or flushed a second time.
template <std::invocable Function>
requires std::convertible_to < std::invoke_result_t<Function>,
int > Result<Process> fork_function(Function&& function) {
  TRY(Forked forked, fork_here());
  if (forked.in_child) ::_exit(std::forward<Function>(function)());
  return Process::from_child(std::move(forked.pidfd), forked.pid);
}

}  // namespace mycontainer::reexec
