#include "reexec/sys/linger.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mycontainer::reexec::sys {
namespace {

bool ends_within(int fd, int milliseconds) {
  pollfd waiting{fd, POLLIN, 0};
  return ::poll(&waiting, 1, milliseconds) == 1;
}

TEST(Linger, KeepsOnlyThisDescriptorOpenForAWhileAndLeavesNoChild) {
  int kept[2], other[2];
  ASSERT_EQ(::pipe2(kept, O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(other, O_CLOEXEC), 0);
  linger(kept[1], std::chrono::milliseconds(300));
  ::close(kept[1]);
  ::close(other[1]);
  EXPECT_TRUE(ends_within(other[0], 0));
  EXPECT_FALSE(ends_within(kept[0], 100));
  EXPECT_TRUE(ends_within(kept[0], 5000));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
  ::close(kept[0]);
  ::close(other[0]);
}

}  // namespace
}  // namespace mycontainer::reexec::sys
