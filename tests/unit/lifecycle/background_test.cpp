#include "runtime/lifecycle/background.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <string>

#include "reexec/sys/file.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::lifecycle {
namespace {

TEST(Background, TheErrorOfTheWorkIsTheCallers) {
  const auto done = in_background([](const Started&) -> Result<void> {
    return Failure(Error{"break", ENOENT, "try harder", 126});
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().operation, "break");
  EXPECT_EQ(done.error().code, ENOENT);
  EXPECT_EQ(done.error().hint, "try harder");
  EXPECT_EQ(done.error().exit_status, 126);
}

TEST(Background, AnEndBeforeTheStartIsAnError) {
  EXPECT_FALSE(in_background([](const Started&) -> Result<void> { ::_exit(0); }));
}

TEST(Background, TheWorkGoesOnAfterItStarted) {
  int go[2], done[2];
  ASSERT_EQ(::pipe2(go, O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(done, O_CLOEXEC), 0);
  ASSERT_TRUE(in_background([&](const Started& started) -> Result<void> {
    started();
    char byte = 0;
    if (::read(go[0], &byte, 1) != 1) return fail("nobody said go");
    return sys::write_all(done[1], ::getsid(0) == ::getpid() ? "own session" : "ours");
  }));
  ::close(done[1]);
  ASSERT_EQ(::write(go[1], "g", 1), 1);
  const auto text = sys::read_all(done[0]);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "own session");
}

TEST(Background, WhatTheCallerLeftOpenIsClosed) {
  int callers[2], go[2];
  ASSERT_EQ(::pipe(callers), 0);  // not close-on-exec, as inherited ones are
  ASSERT_EQ(::pipe2(go, O_CLOEXEC), 0);
  ASSERT_TRUE(in_background([&](const Started& started) -> Result<void> {
    started();
    char byte = 0;
    (void)!::read(go[0], &byte, 1);
    return {};
  }));
  ::close(callers[1]);
  pollfd waiting{callers[0], POLLIN, 0};
  EXPECT_EQ(::poll(&waiting, 1, 20'000), 1) << "somebody still holds the other end";
  EXPECT_EQ(::write(go[1], "g", 1), 1);
}

TEST(Background, ItsStreamsAreTheNullDevice) {
  int seen[2];
  ASSERT_EQ(::pipe2(seen, O_CLOEXEC), 0);
  ASSERT_TRUE(in_background([&](const Started& started) -> Result<void> {
    char target[64] = {};
    if (::readlink("/proc/self/fd/1", target, sizeof target - 1) < 0) return fail_errno("look");
    started();
    return sys::write_all(seen[1], target);
  }));
  ::close(seen[1]);
  const auto text = sys::read_all(seen[0]);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "/dev/null");
}

}  // namespace
}  // namespace mycontainer::runtime::lifecycle
