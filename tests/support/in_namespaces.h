// Runs a test's body in a child process with namespaces of its own, so that what it mounts or
// changes dies with it.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

namespace mycontainer::test {

// `flags` as of unshare(2). With CLONE_NEWNS the whole tree is made private first. Failures of the
// body are printed by the child and fail the test. The caller says before why it skips without
// root.
template <class Body>
void in_namespaces(int flags, Body&& body) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (::unshare(flags) < 0) {
      ADD_FAILURE() << "unshare: errno " << errno;
    } else if ((flags & CLONE_NEWNS) != 0 &&
               ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0) {
      ADD_FAILURE() << "make / private: errno " << errno;
    } else {
      body();
    }
    std::fflush(nullptr);
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0)
      << "the body failed in its own process (wait status " << status << ")";
}

#define SKIP_UNLESS_ROOT() \
  if (::geteuid() != 0) GTEST_SKIP() << "needs root: it makes mounts in a mount namespace"

}  // namespace mycontainer::test
