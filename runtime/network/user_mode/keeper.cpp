#include "runtime/network/user_mode/keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "reexec/fork_function.h"
#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"

namespace mycontainer::runtime::network {

namespace {

constexpr int kSupervisor = 0, kProvider = 1;

int keep(int supervisor, int provider) {
  // Locks and pipes of the supervisor's must not outlive it in here.
  const int copy = ::fcntl(provider, F_DUPFD, kProvider + 1);
  if (copy < 0 || ::dup2(supervisor, kSupervisor) < 0 || ::dup2(copy, kProvider) < 0) return 1;
  sys::close_range(kProvider + 1, ~0U, 0);
  ::setsid();
  std::array<pollfd, 2> ends{{{kSupervisor, POLLIN, 0}, {kProvider, POLLIN, 0}}};
  while (::poll(ends.data(), ends.size(), -1) < 0 && errno == EINTR) continue;
  sys::pidfd_send_signal(kProvider, SIGKILL);
  return 0;
}

}  // namespace

bool is_confined(pid_t pid) {
  const auto label = sys::read_file_at(AT_FDCWD, fmt::format("/proc/{}/attr/current", pid));
  return label && !label->empty() && !label->starts_with("unconfined");
}

Result<reexec::Process> start_keeper(int pidfd) {
  const UniqueFd supervisor(sys::pidfd_open(::getpid(), 0));
  if (!supervisor) return fail_errno("open a pidfd");
  // Above those that it gives them.
  const UniqueFd high(::fcntl(supervisor.get(), F_DUPFD_CLOEXEC, kProvider + 1));
  if (!high) return fail_errno("duplicate a pidfd");
  return reexec::fork_function([&] { return keep(high.get(), pidfd); });
}

}  // namespace mycontainer::runtime::network
