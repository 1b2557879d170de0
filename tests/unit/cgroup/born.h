// A process that is born in a cgroup and does one thing, for the tests that use the real kernel.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::cgroup {

class Born {
 public:
  // Starts `body` (its value is the exit status) in the v2 cgroup `dir`, or in ours when that is
  // -1. It begins when let_go() is called.
  template <class Body>
  Born(int dir, Body body) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) ::abort();
    clone_args args{};
    args.exit_signal = SIGCHLD;
    if (dir >= 0) {
      args.flags = CLONE_INTO_CGROUP;
      args.cgroup = static_cast<std::uint64_t>(dir);
    }
    pid_ = static_cast<pid_t>(sys::clone3(&args));
    if (pid_ == 0) {
      ::close(ends[1]);
      char byte = 0;
      while (::read(ends[0], &byte, 1) < 0) continue;  // until end of file
      ::_exit(body());
    }
    ::close(ends[0]);
    go_.reset(ends[1]);
  }
  Born(const Born&) = delete;
  Born& operator=(const Born&) = delete;
  ~Born() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }

  [[nodiscard]] pid_t pid() const { return pid_; }
  void let_go() { go_.reset(); }
  // The exit status, or 128 + the signal.
  int wait() {
    int status = 0;
    if (pid_ <= 0 || ::waitpid(pid_, &status, 0) != pid_) return -1;
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
  UniqueFd go_;
};

}  // namespace mycontainer::runtime::cgroup
