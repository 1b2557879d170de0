#include "runtime/container/status.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>

#include <charconv>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"
#include "runtime/cgroup/frozen.h"

namespace mycontainer::runtime::container {

namespace {

struct ProcessStat {
  char state = '?';
  std::uint64_t start_time = 0;
};

// "PID (NAME) STATE ...": the name may hold anything, so the last ")" ends it (proc_pid_stat(5)).
Result<ProcessStat> stat_of(pid_t pid) {
  auto text = sys::read_file_at(AT_FDCWD, fmt::format("/proc/{}/stat", pid));
  if (!text) return fail_code(ESRCH, "process {}", pid);
  constexpr int kStateField = 3, kStartTimeField = 22;
  std::string_view rest = *text;
  const std::size_t name_end = rest.rfind(") ");
  if (name_end == std::string_view::npos) return fail("/proc/{}/stat: not readable", pid);
  rest.remove_prefix(name_end + 2);
  ProcessStat result;
  result.state = rest.empty() ? '?' : rest.front();
  for (int field = kStateField; field < kStartTimeField; ++field) {
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) return fail("/proc/{}/stat: not readable", pid);
    rest.remove_prefix(space + 1);
  }
  std::from_chars(rest.data(), rest.data() + rest.size(), result.start_time);
  return result;
}

// Only when its last thread has ended: a zombie may be the first thread of a process whose others
// go on.
bool has_ended(pid_t pid) {
  const UniqueFd pidfd(sys::pidfd_open(pid, 0));
  if (!pidfd) return true;
  pollfd waiting{pidfd.get(), POLLIN, 0};
  return ::poll(&waiting, 1, 0) != 0;
}

bool is_alive(const Record& record) {
  if (record.pid <= 0) return false;
  const auto stat = stat_of(record.pid);
  if (!stat || stat->state == 'X' || stat->start_time != record.start_time) return false;
  return stat->state != 'Z' || !has_ended(record.pid);
}

// Whoever creates a container holds its lock; a creator that was killed holds it no longer.
bool is_being_created(const StateDirectory& directory) {
  if (directory.locked() || !directory.has(kUnfinishedFifo)) return false;
  const auto again = sys::open_at(directory.fd(), ".", O_RDONLY | O_DIRECTORY);
  return again && ::flock(again->get(), LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

}  // namespace

std::string_view status_name(Status status) {
  switch (status) {
    case Status::kCreating:
      return "creating";
    case Status::kCreated:
      return "created";
    case Status::kRunning:
      return "running";
    case Status::kPaused:
      return "paused";
    case Status::kStopped:
      break;
  }
  return "stopped";
}

Result<Status> status_of(const StateDirectory& directory, const Record& record,
                         std::optional<cgroup::Cgroup>* opened) {
  if (is_being_created(directory)) return Status::kCreating;
  if (!is_alive(record)) return Status::kStopped;
  if (directory.has(kStartFifo)) return Status::kCreated;
  if (opened == nullptr) {
    TRY(const bool frozen, cgroup::is_frozen(record.cgroup));
    return frozen ? Status::kPaused : Status::kRunning;
  }
  TRY(auto cgroup, cgroup::Cgroup::reopen(record.cgroup));
  TRY(const bool frozen, cgroup.frozen());
  opened->emplace(std::move(cgroup));
  return frozen ? Status::kPaused : Status::kRunning;
}

Result<std::uint64_t> start_time_of(pid_t pid) {
  TRY(const ProcessStat stat, stat_of(pid));
  return stat.start_time;
}

Result<UniqueFd> open_init(const Record& record) {
  UniqueFd pidfd(record.pid > 0 ? sys::pidfd_open(record.pid, 0) : -1);
  // The number may have been given to another process before the pidfd was there, not after.
  if (pidfd && is_alive(record)) return pidfd;
  return fail_code(ESRCH, "container not running");
}

}  // namespace mycontainer::runtime::container
