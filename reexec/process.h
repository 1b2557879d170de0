// A child process by its pidfd: waiting, signals, and how it ended. Parent side.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::reexec {

// What waitid(2) reported. `value` is the exit code of kExited, and the signal's number of
// kSignaled and kStopped. kUnknown: it ended, but it was not our child, or somebody else reaped it.
struct Status {
  enum class Kind { kExited, kSignaled, kStopped, kContinued, kUnknown };
  Kind kind = Kind::kUnknown;
  int value = 0;
  bool core_dumped = false;
  struct rusage usage {};

  [[nodiscard]] bool success() const { return kind == Kind::kExited && value == 0; }
  [[nodiscard]] bool ended() const { return kind != Kind::kStopped && kind != Kind::kContinued; }
  // The shell's and Docker's number: the exit code, 128+n for a signal, 125 when unknown.
  [[nodiscard]] int shell_code() const;
  // "exited with code 3", "was killed by signal 11 (SEGV), core dumped"
  [[nodiscard]] std::string describe() const;
};

// Owns one child through its pidfd (pidfd_open(2)): a number is never signalled and never waited
// for, so a reused pid cannot be hit. Once its end was reported, every further wait reports the
// same Status. Destroying a Process that has not ended kills it with SIGKILL and reaps it: there is
// never a zombie and never a child nobody knows of. Who wants it to live on says release().
class Process {
 public:
  using Clock = std::chrono::steady_clock;

  // A child of ours just started: `pidfd` refers to it, `pid` is for display.
  static Process from_child(UniqueFd pidfd, pid_t pid);
  // Any process, by number. The number must be known to be the right process's: a child not yet
  // reaped, or one whose identity the caller checks again after this call. Of a process that is
  // not our child only the end is reported (kUnknown), and the destructor leaves it alone.
  static Result<Process> adopt(pid_t pid);

  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  [[nodiscard]] pid_t pid() const { return pid_; }          // to show, never to signal
  [[nodiscard]] int pidfd() const { return pidfd_.get(); }  // readable (poll) once it has ended
  [[nodiscard]] bool ended() const { return status_.has_value(); }

  // Waits until it ends. wait_for gives nullopt after the duration, try_wait does not wait at all.
  Result<Status> wait();
  Result<std::optional<Status>> try_wait();
  Result<std::optional<Status>> wait_for(Clock::duration duration);
  Result<std::optional<Status>> wait_until(Clock::time_point deadline);
  // The same, but a stop or a continuation is reported too (waitid's WSTOPPED | WCONTINUED).
  Result<Status> wait_change();
  Result<std::optional<Status>> try_wait_change();

  // ESRCH once it has ended and was reaped.
  Result<void> signal(int number) const;
  // Gives the child up: it lives on, and the caller answers for reaping it through the pidfd.
  [[nodiscard]] UniqueFd release();

 private:
  Process(UniqueFd pidfd, pid_t pid, bool child);
  Result<std::optional<Status>> reap(int options);
  Result<bool> poll_end(Clock::time_point deadline) const;
  void drop() noexcept;

  UniqueFd pidfd_;
  pid_t pid_ = -1;
  bool child_ = false;
  std::optional<Status> status_;
};

// Waits until one of `processes` has ended and returns it with its status; those that were already
// reported do not count. ECHILD when none is left to wait for. By poll(2) on the pidfds, so that no
// child of anybody else's is taken.
Result<std::pair<Process*, Status>> wait_any(std::span<Process* const> processes);

// What wait_group found: `process` is null for a child that is none of the given ones.
struct Waited {
  Process* process = nullptr;
  pid_t pid = -1;
  Status status{};
};

// wait4(2)'s other meanings of pid: any child of process group `group` (0: our own group), or any
// child at all with kAnyChild. A child that a Process of `processes` owns is reported through it,
// so that this Process knows its end; every other child is reaped as it is, so only the part of a
// program that knows all its children calls this. `options` are those of waitid(2) (WNOHANG,
// WSTOPPED, WCONTINUED); nullopt only with WNOHANG, ECHILD when there is no such child.
inline constexpr pid_t kAnyChild = -1;
Result<std::optional<Waited>> wait_group(pid_t group, std::span<Process* const> processes = {},
                                         int options = 0);

}  // namespace mycontainer::reexec
