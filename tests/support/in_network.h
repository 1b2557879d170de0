// A process with a network namespace of its own, as a container has one.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "tests/support/in_namespaces.h"

namespace mycontainer::test {

inline bool shell(const std::string& command) { return std::system(command.c_str()) == 0; }

class NetworkNamespace {
 public:
  NetworkNamespace() {
    int ready[2];
    EXPECT_EQ(::pipe2(ready, O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      (void)::unshare(CLONE_NEWNET);
      ::close(ready[1]);
      ::pause();
      ::_exit(0);
    }
    ::close(ready[1]);
    char byte = 0;
    EXPECT_EQ(::read(ready[0], &byte, 1), 0);  // its end is closed: it is there
    ::close(ready[0]);
  }
  NetworkNamespace(const NetworkNamespace&) = delete;
  NetworkNamespace& operator=(const NetworkNamespace&) = delete;
  ~NetworkNamespace() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] pid_t pid() const { return pid_; }
  // Whether the shell command succeeds in there; without single quotes.
  [[nodiscard]] bool sees(const std::string& command) const {
    return shell("nsenter -t " + std::to_string(pid_) + " -n sh -c '" + command + "'");
  }

 private:
  pid_t pid_ = -1;
};

#define SKIP_WITHOUT_IP()                                      \
  SKIP_UNLESS_ROOT();                                          \
  if (!::mycontainer::test::shell("command -v ip >/dev/null")) \
  GTEST_SKIP() << "ip (iproute2) is not installed"

}  // namespace mycontainer::test
