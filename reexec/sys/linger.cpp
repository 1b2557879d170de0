#include "reexec/sys/linger.h"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <csignal>
#include <ctime>

namespace mycontainer::reexec::sys {

namespace {

// Plain system calls, as after every fork: this one shares the caller's memory until it ends. A copy of
// its descriptors is its own.
void leave_another_behind(int fd, const timespec& time) {
  if (fd > 0) ::syscall(SYS_close_range, 0U, static_cast<unsigned>(fd) - 1, 0U);
  ::syscall(SYS_close_range, static_cast<unsigned>(fd) + 1, UINT_MAX, 0U);
  if (::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr) == 0) {
    ::syscall(SYS_nanosleep, &time, nullptr);
  }
  ::_exit(0);
}

}  // namespace

void linger(int fd, std::chrono::milliseconds time) {
  const timespec duration{time.count() / 1000, time.count() % 1000 * 1'000'000};
  const pid_t child = ::vfork();
  if (child == 0) leave_another_behind(fd, duration);
  if (child > 0) ::waitpid(child, nullptr, 0);
}

}  // namespace mycontainer::reexec::sys
