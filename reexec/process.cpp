#include "reexec/process.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <vector>

#include "reexec/sys/syscalls.h"

namespace mycontainer::reexec {

namespace {

constexpr auto kForever = Process::Clock::time_point::max();
constexpr auto kPidfdType = static_cast<idtype_t>(3);  // P_PIDFD, absent from some <sys/wait.h>

// waitid(2) with its fifth argument, which glibc's wrapper leaves out.
int waitid_usage(idtype_t type, int id, siginfo_t* info, int options, struct rusage* usage) {
  while (true) {
    const long result = ::syscall(SYS_waitid, type, id, info, options, usage);
    if (result == 0 || errno != EINTR) return static_cast<int>(result);
  }
}

Status status_of(const siginfo_t& info, const struct rusage& usage) {
  Status status{Status::Kind::kUnknown, info.si_status, info.si_code == CLD_DUMPED, usage};
  switch (info.si_code) {
    case CLD_EXITED:
      status.kind = Status::Kind::kExited;
      break;
    case CLD_KILLED:
    case CLD_DUMPED:
      status.kind = Status::Kind::kSignaled;
      break;
    case CLD_STOPPED:
    case CLD_TRAPPED:
      status.kind = Status::Kind::kStopped;
      break;
    case CLD_CONTINUED:
      status.kind = Status::Kind::kContinued;
      break;
    default:
      break;
  }
  return status;
}

// The rest of the time until `deadline`, for poll(2): rounded up, -1 for ever.
int poll_timeout(Process::Clock::time_point deadline) {
  if (deadline == kForever) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Process::Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1 << 30));
}

}  // namespace

int Status::shell_code() const {
  if (kind == Kind::kExited) return value;
  return kind == Kind::kSignaled ? 128 + value : 125;
}

std::string Status::describe() const {
  const char* name = ::sigabbrev_np(value);
  const std::string signal = fmt::format("signal {} ({})", value, name != nullptr ? name : "RT");
  switch (kind) {
    case Kind::kExited:
      return fmt::format("exited with code {}", value);
    case Kind::kSignaled:
      return fmt::format("was killed by {}{}", signal, core_dumped ? ", core dumped" : "");
    case Kind::kStopped:
      return "was stopped by " + signal;
    case Kind::kContinued:
      return "continued";
    case Kind::kUnknown:
      break;
  }
  return "ended, its status is unknown";
}

Process::Process(UniqueFd pidfd, pid_t pid, bool child)
    : pidfd_(std::move(pidfd)), pid_(pid), child_(child) {}

Process Process::from_child(UniqueFd pidfd, pid_t pid) { return {std::move(pidfd), pid, true}; }

Result<Process> Process::adopt(pid_t pid) {
  UniqueFd pidfd(sys::pidfd_open(pid, 0));
  if (!pidfd) return fail_errno("open process {}", pid);
  siginfo_t info{};
  // WNOWAIT: only asks whether the kernel would let us wait for it.
  const bool child =
      waitid_usage(kPidfdType, pidfd.get(), &info, WEXITED | WNOHANG | WNOWAIT, nullptr) == 0;
  return Process(std::move(pidfd), pid, child);
}

Process::Process(Process&& other) noexcept
    : pidfd_(std::move(other.pidfd_)),
      pid_(other.pid_),
      child_(other.child_),
      status_(other.status_) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this == &other) return *this;
  drop();
  pidfd_ = std::move(other.pidfd_);
  pid_ = other.pid_;
  child_ = other.child_;
  status_ = other.status_;
  return *this;
}

Process::~Process() { drop(); }

void Process::drop() noexcept {
  if (!pidfd_ || !child_ || status_) return;
  sys::pidfd_send_signal(pidfd_.get(), SIGKILL);
  siginfo_t info{};
  waitid_usage(kPidfdType, pidfd_.get(), &info, WEXITED, nullptr);
}

Result<std::optional<Status>> Process::reap(int options) {
  if (status_) return status_;
  siginfo_t info{};
  struct rusage usage {};
  if (waitid_usage(kPidfdType, pidfd_.get(), &info, options, &usage) < 0) {
    if (errno != ECHILD) return fail_errno("wait for process {}", pid_);
    // Not our child, or reaped by somebody else: its end can still be seen, its code cannot.
    child_ = false;
    const auto deadline = (options & WNOHANG) != 0 ? Clock::time_point::min() : kForever;
    TRY(const bool gone, poll_end(deadline));
    if (gone) status_ = Status{};
    return status_;
  }
  if (info.si_pid == 0) return std::nullopt;  // WNOHANG, and nothing happened
  const Status status = status_of(info, usage);
  if (status.ended()) status_ = status;
  return status;
}

Result<bool> Process::poll_end(Clock::time_point deadline) const {
  pollfd end{pidfd_.get(), POLLIN, 0};
  while (true) {
    const int timeout = deadline == Clock::time_point::min() ? 0 : poll_timeout(deadline);
    const int count = ::poll(&end, 1, timeout);
    if (count >= 0) return count > 0;
    if (errno != EINTR) return fail_errno("wait for process {}", pid_);
  }
}

Result<Status> Process::wait() {
  TRY(const std::optional<Status> status, reap(WEXITED));
  return *status;
}

Result<std::optional<Status>> Process::try_wait() { return reap(WEXITED | WNOHANG); }

Result<std::optional<Status>> Process::wait_for(Clock::duration duration) {
  return wait_until(Clock::now() + duration);
}

Result<std::optional<Status>> Process::wait_until(Clock::time_point deadline) {
  if (status_) return status_;
  TRY(const bool gone, poll_end(deadline));
  if (!gone) return std::nullopt;
  return reap(WEXITED | WNOHANG);
}

Result<Status> Process::wait_change() {
  TRY(const std::optional<Status> status, reap(WEXITED | WSTOPPED | WCONTINUED));
  return *status;
}

Result<std::optional<Status>> Process::try_wait_change() {
  return reap(WEXITED | WSTOPPED | WCONTINUED | WNOHANG);
}

Result<void> Process::signal(int number) const {
  if (sys::pidfd_send_signal(pidfd_.get(), number) < 0) {
    return fail_errno("send signal {} to process {}", number, pid_);
  }
  return {};
}

UniqueFd Process::release() {
  child_ = false;
  return std::move(pidfd_);
}

Result<std::pair<Process*, Status>> wait_any(std::span<Process* const> processes) {
  std::vector<pollfd> ends;
  std::vector<Process*> waiting;
  for (Process* process : processes) {
    if (process->ended() || process->pidfd() < 0) continue;
    ends.push_back({process->pidfd(), POLLIN, 0});
    waiting.push_back(process);
  }
  if (ends.empty()) return fail_code(ECHILD, "wait for any process");
  while (true) {
    const int count = ::poll(ends.data(), ends.size(), -1);
    if (count < 0 && errno != EINTR) return fail_errno("wait for any process");
    for (std::size_t i = 0; count > 0 && i < ends.size(); ++i) {
      if (ends[i].revents == 0) continue;
      TRY(const std::optional<Status> status, waiting[i]->try_wait());
      if (status) return std::pair(waiting[i], *status);
    }
  }
}

Result<std::optional<Waited>> wait_group(pid_t group, std::span<Process* const> processes,
                                         int options) {
  const idtype_t type = group == kAnyChild ? P_ALL : P_PGID;
  options |= WEXITED;
  while (true) {
    siginfo_t info{};
    struct rusage usage {};
    // First only a look (WNOWAIT): the child's own Process has to be the one that reaps it.
    if (waitid_usage(type, group, &info, options | WNOWAIT, nullptr) < 0) {
      return fail_errno("wait for group {}", group);
    }
    if (info.si_pid == 0) return std::nullopt;
    const pid_t pid = info.si_pid;
    const auto owner = std::find_if(processes.begin(), processes.end(), [&](const Process* one) {
      return one->pid() == pid && !one->ended();
    });
    if (owner != processes.end()) {
      const bool changes = (options & (WSTOPPED | WCONTINUED)) != 0;
      TRY(const auto status, changes ? (*owner)->try_wait_change() : (*owner)->try_wait());
      if (status) return Waited{*owner, pid, *status};
      continue;
    }
    info = {};
    if (waitid_usage(P_PID, pid, &info, options | WNOHANG, &usage) == 0 && info.si_pid == pid) {
      return Waited{nullptr, pid, status_of(info, usage)};
    }
  }
}

}  // namespace mycontainer::reexec
