#include "runtime/engine/user_cache.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.h"

namespace mycontainer::runtime::engine {
namespace {

class UserCache : public ::testing::Test {
 protected:
  test::TemporaryDirectory directory_;
  const std::string top_ = directory_ / "diff";
};

TEST_F(UserCache, GivesBackWhatItWasGiven) {
  EXPECT_FALSE(cached_users(top_));
  const UserDatabase database{"root:x:0:0::/root:/bin/sh\n", std::string("a\0b", 3)};
  cache_users(top_, database);
  const auto known = cached_users(top_);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->passwd, database.passwd);
  EXPECT_EQ(known->group, database.group);
  cache_users(top_, {});
  ASSERT_TRUE(cached_users(top_));
  EXPECT_TRUE(cached_users(top_)->passwd.empty());
}

TEST_F(UserCache, DoesNotBelieveWhatWasCutShort) {
  for (const char* text : {"", "4", "4 ", "4 4", "4 4\n", "4 4\nabcdabc", "4 4\nabcdabcde",
                           "x 4\nabcd", "-1 4\nabc", "99999999999999999999 1\na"}) {
    directory_.make_file("user-database", text);
    EXPECT_FALSE(cached_users(top_)) << text;
  }
}

TEST_F(UserCache, FailsSilently) {
  cache_users("/nonexistent/layer/diff", {"a", "b"});
  EXPECT_FALSE(cached_users("/nonexistent/layer/diff"));
}

}  // namespace
}  // namespace mycontainer::runtime::engine
