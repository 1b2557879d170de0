// The signals sent to us while a container runs in the foreground, as a queue to read. Parent side.
#pragma once

#include <array>
#include <csignal>
#include <cstdint>
#include <optional>
#include <utility>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::io {

// From open() on, every signal that Docker's --sig-proxy passes on is blocked and queues up
// (signalfd(2)), so that none is lost and none ends us before we have cleaned up. Left alone are
// those which our own faults raise (SIGSEGV and the like), SIGCHLD, SIGURG, SIGTTIN and SIGTTOU
// (job control of a background process), and SIGHUP, SIGINT, SIGQUIT, SIGTERM and SIGTSTP where
// they were ignored (nohup, a script's `&`). The mask belongs to the calling thread.
class SignalQueue {
 public:
  static Result<SignalQueue> open();
  SignalQueue(SignalQueue&&) noexcept = default;
  SignalQueue& operator=(SignalQueue&&) = delete;
  SignalQueue(const SignalQueue&) = delete;
  SignalQueue& operator=(const SignalQueue&) = delete;
  // Drops what is still queued (it was meant for a container that is gone) and puts the mask back.
  ~SignalQueue();

  // Readable when next() has a signal.
  [[nodiscard]] int fd() const { return fd_.get(); }
  // The mask found by open(), which the container's process starts with.
  [[nodiscard]] const sigset_t& original_mask() const { return before_; }

  // The next signal, or nothing; never waits. SIGPIPE and SIGXFSZ, which our own
  // writes raise, are dropped: write(2) has told us.
  [[nodiscard]] std::optional<int> next() const;

  // Takes a job-control stop (SIGTSTP, SIGTTIN, SIGTTOU) as if we had never caught it; returns when
  // we are continued, or at once in an orphaned process group, where the kernel ignores it.
  void stop_self(int signal) const;

 private:
  SignalQueue(UniqueFd fd, const sigset_t& before) : fd_(std::move(fd)), before_(before) {}

  UniqueFd fd_;
  sigset_t before_;
};

// The signals by which a user or a supervisor asks a program to end: SIGHUP, SIGINT, SIGQUIT,
// SIGTERM.
[[nodiscard]] constexpr bool wants_end(int signal) {
  return signal == SIGHUP || signal == SIGINT || signal == SIGQUIT || signal == SIGTERM;
}

// Who asks a container to end for the third time within three seconds wants it killed: PID 1 ignores
// what it has no handler for.
class Insistence {
 public:
  // Whether this SIGINT or SIGTERM is the third; every other signal is none.
  bool is_third(int signal);

 private:
  static constexpr std::int64_t kNever = -1'000'000;
  std::array<std::int64_t, 2> before_{kNever, kNever};  // when the last two came, milliseconds
};

}  // namespace mycontainer::runtime::io
