#include "runtime/container/inherited.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace mycontainer::runtime::container {
namespace {

using Variables = std::vector<std::string>;

TEST(Inherited, CountsFromThreeToTheFirstGap) {
  for (int fd = 3; fd < 20; ++fd) ::close(fd);
  EXPECT_EQ(inherited().open, 0);
  for (const int fd : {3, 4, 6}) ASSERT_EQ(::dup2(1, fd), fd);
  EXPECT_EQ(inherited().open, 2);
}

TEST(Inherited, ListensOnlyWhenTheNumberIsOurs) {
  ::setenv("LISTEN_FDS", "2", 1);
  ::setenv("LISTEN_PID", std::to_string(::getppid()).c_str(), 1);
  EXPECT_EQ(inherited().listening, 0);
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_EQ(inherited().listening, 2);
  for (const char* wrong : {"-1", "2x", "", "99999999999"}) {
    ::setenv("LISTEN_FDS", wrong, 1);
    EXPECT_EQ(inherited().listening, 0) << wrong;
  }
}

TEST(Inherited, PreservesTheListeningOnesFirst) {
  EXPECT_EQ((Inherited{5, 0}).preserved(5).value(), 5);
  EXPECT_EQ((Inherited{5, 2}).preserved(3).value(), 5);
  EXPECT_EQ((Inherited{5, 2}).preserved(0).value(), 2);
}

TEST(Inherited, PreservesNothingThatWasNotThere) {
  const auto refused = Inherited{2, 0}.preserved(3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().operation, "--preserve-fds 3: descriptor 5");
  EXPECT_EQ(refused.error().code, EBADF);
  EXPECT_FALSE((Inherited{2, 3}).preserved(0));
  EXPECT_FALSE((Inherited{2, 1}).preserved(2));
}

TEST(Inherited, TellsTheProgramWhatListens) {
  EXPECT_EQ((Inherited{3, 2}).environment(), (Variables{"LISTEN_FDS=2", "LISTEN_PID=1"}));
  EXPECT_EQ((Inherited{3, 0}).environment(), Variables{});
}

}  // namespace
}  // namespace mycontainer::runtime::container
