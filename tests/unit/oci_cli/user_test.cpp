#include "cmd/oci/user.h"

#include <gtest/gtest.h>

#include "cmd/oci/duration.h"

namespace mycontainer::cmd::oci {
namespace {

using Groups = std::vector<std::uint32_t>;

TEST(User, IsANumberPerhapsWithAGroup) {
  const auto alone = parse_user("1000");
  ASSERT_TRUE(alone);
  EXPECT_EQ(alone->uid, 1000u);
  EXPECT_FALSE(alone->gid);
  const auto both = parse_user("0:4294967294");
  ASSERT_TRUE(both);
  EXPECT_EQ(both->uid, 0u);
  EXPECT_EQ(both->gid, 4294967294u);
}

// Each of these was root, or somebody else, in some runtime.
TEST(User, IsNothingElse) {
  for (const char* text : {"", "-1", "4294967295", "4294967296", "99999999999999999999", "1000abc",
                           "0x0", "1000:", ":1000", "1000:-1", "1000:4294967296", "1:2:3", " 1000",
                           "1000 ", "+1", "root", "1e3", "1000\n", "1,000"}) {
    EXPECT_FALSE(parse_user(text)) << text;
  }
}

TEST(User, OfAWrongNumberIsNamed) {
  EXPECT_EQ(parse_user("-1").error().operation, "'-1' is not a number from 0 to 4294967294");
}

TEST(Groups, AreNumbersByCommas) {
  EXPECT_EQ(parse_groups("5").value(), (Groups{5}));
  EXPECT_EQ(parse_groups("5,0,4294967294").value(), (Groups{5, 0, 4294967294}));
  for (const char* text : {"", ",", "5,", ",5", "5,,6", "5;6", "4294967295", "staff"}) {
    EXPECT_FALSE(parse_groups(text)) << text;
  }
}

TEST(Duration, IsGos) {
  using std::chrono::nanoseconds;
  EXPECT_EQ(parse_duration("5s").value(), std::chrono::seconds(5));
  EXPECT_EQ(parse_duration("1m30s").value(), std::chrono::seconds(90));
  EXPECT_EQ(parse_duration("1.5h").value(), std::chrono::minutes(90));
  EXPECT_EQ(parse_duration("250ms").value(), std::chrono::milliseconds(250));
  EXPECT_EQ(parse_duration("3us7ns").value(), nanoseconds(3007));
}

TEST(Duration, HasAUnitAndIsNotNothing) {
  for (const char* text : {"", "5", "0s", "-1s", "s", "5x", "5s3", "1e3s", "inf", "nan", "0.1ns",
                           "99999999h", " 5s", "5 s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

}  // namespace
}  // namespace mycontainer::cmd::oci
