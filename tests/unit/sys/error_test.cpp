#include "reexec/sys/error.h"

#include <gtest/gtest.h>

namespace mycontainer {
namespace {

Result<int> open_missing() {
  errno = ENOENT;
  return fail_errno("open {}", "/missing");
}

Result<int> pass_on() {
  TRY(const int value, open_missing());
  return value + 1;
}

TEST(Error, NamesTheOperationItsObjectAndTheErrno) {
  const auto result = pass_on();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(), "open /missing: No such file or directory (ENOENT)");
}

TEST(Error, HasNoErrnoTextWhenNoSystemCallFailed) {
  EXPECT_EQ(Error{"unknown signal FOO"}.message(), "unknown signal FOO");
}

TEST(Error, GainsTheCallersContextOnce) {
  const Failure failure = within("mount /proc", Error{"open target", EACCES, {}, 0});
  EXPECT_EQ(failure.value().message(), "mount /proc: open target: Permission denied (EACCES)");
}

}  // namespace
}  // namespace mycontainer
