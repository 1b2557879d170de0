#include "runtime/io/exit_status.h"

#include <sys/wait.h>

#include <cerrno>

namespace mycontainer::runtime::io {

Result<ExitStatus> reap(int pidfd) {
  siginfo_t info{};
  while (::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd), &info, WEXITED) != 0) {
    if (errno != EINTR) return fail_errno("wait for the container");
  }
  if (info.si_code == CLD_EXITED) return ExitStatus{info.si_status, 0};
  return ExitStatus{0, info.si_status};
}

}  // namespace mycontainer::runtime::io
