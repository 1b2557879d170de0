#include "runtime/state/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"

namespace mycontainer::runtime::state {

namespace {

constexpr std::int64_t kPatience = 10'000'000;  // microseconds

std::int64_t microseconds() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000;
}

// Lines as "1: FLOCK  ADVISORY  WRITE 4711 08:01:131 0 EOF" (proc_locks(5)); those who wait have "->"
// behind the number. 0: nobody.
pid_t holder_in(const std::string& locks, const struct stat& wanted) {
  for (std::size_t begin = 0; begin < locks.size();) {
    const std::size_t end = std::min(locks.find('\n', begin), locks.size());
    const std::string line = locks.substr(begin, end - begin);
    begin = end + 1;
    int pid = 0;
    unsigned major = 0, minor = 0;
    unsigned long inode = 0;
    const int found = std::sscanf(line.c_str(), "%*d: FLOCK ADVISORY WRITE %d %x:%x:%lu", &pid,
                                  &major, &minor, &inode);
    const bool is_it = found == 4 && inode == wanted.st_ino && major == ::major(wanted.st_dev) &&
                       minor == ::minor(wanted.st_dev);
    if (is_it && pid > 0) return pid;
  }
  return 0;
}

pid_t holder_of(int directory) {
  struct stat status {};
  if (::fstat(directory, &status) < 0) return 0;
  const auto locks = sys::read_file_at(AT_FDCWD, "/proc/locks");
  return locks ? holder_in(*locks, status) : 0;
}

std::string name_of(pid_t pid) {
  auto name = sys::read_file_at(AT_FDCWD, fmt::format("/proc/{}/comm", pid)).value_or("?");
  while (!name.empty() && name.back() == '\n') name.pop_back();
  return name;
}

}  // namespace

LockHolder lock_holder(int directory) {
  LockHolder holder;
  holder.pid = holder_of(directory);
  if (holder.pid > 0) holder.pidfd.reset(sys::pidfd_open(holder.pid, 0));
  // From here on the number is not another's; before, it may have been.
  if (holder.pidfd && holder_of(directory) != holder.pid) holder.pidfd.reset();
  return holder;
}

Result<void> lock_patiently(int directory, const std::string& what) {
  constexpr useconds_t kFirst = 100, kLongest = 5000;  // microseconds
  const std::int64_t end = microseconds() + kPatience;
  for (useconds_t pause = kFirst; ::flock(directory, LOCK_EX | LOCK_NB) < 0;
       pause = std::min(pause * 2, kLongest)) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return fail_errno("lock {}", what);
    if (microseconds() >= end) {
      const LockHolder holder = lock_holder(directory);
      if (!holder.pidfd) return fail("{} is being changed by another command", what);
      return fail("{} is being changed by process {} ({})", what, holder.pid, name_of(holder.pid));
    }
    ::usleep(pause);
  }
  return {};
}

}  // namespace mycontainer::runtime::state
