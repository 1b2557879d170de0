#include "reexec/fork_function.h"

#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace mycontainer::reexec {

Result<bool> single_threaded() {
  // A directory's link count is two plus its sub-directories, one for each thread (proc(5)).
  struct stat status {};
  if (::stat("/proc/self/task", &status) < 0) return fail_errno("stat /proc/self/task");
  return status.st_nlink == 3;
}

Result<Forked> fork_here() {
  TRY(const bool single, single_threaded());
  if (!single) {
    Error error{"fork a process with more than one thread", EBUSY,
                "start the function in a copy of the program instead (reexec::Function)", 0};
    return Failure(std::move(error));
  }
  // glibc's fork and not the bare call: its own state (stdio, malloc, thread id) is put right.
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno("fork");
  if (pid == 0) return Forked{true, UniqueFd(), 0};
  // Not reaped by anybody yet, so the number is still this child's.
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd) return fail_errno("open process {}", pid);
  return Forked{false, std::move(pidfd), pid};
}

}  // namespace mycontainer::reexec
