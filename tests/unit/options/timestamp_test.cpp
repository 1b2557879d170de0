#include "cmd/options/timestamp.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace mycontainer::cmd::options {
namespace {

using runtime::state::Nanoseconds;

constexpr Nanoseconds kSecond = 1'000'000'000;
constexpr Nanoseconds kNow = 1'795'192'559 * kSecond;  // 2026-11-20T16:35:59Z

struct Timestamp : ::testing::Test {
  void SetUp() override {
    ::setenv("TZ", "CET-1", 1);
    ::tzset();
  }
  static Nanoseconds of(std::string_view text) { return parse_timestamp(text, kNow).value_or(-1); }
};

TEST_F(Timestamp, MayBeASpanBeforeNow) {
  EXPECT_EQ(of("10m"), kNow - 600 * kSecond);
  EXPECT_EQ(of("1h30m"), kNow - 5400 * kSecond);
  EXPECT_EQ(of("1.5h"), kNow - 5400 * kSecond);
  EXPECT_EQ(of("300ms"), kNow - 300'000'000);
  EXPECT_EQ(of("0s"), kNow);
}

TEST_F(Timestamp, MayBeADateInAnyPrecisionAndZone) {
  EXPECT_EQ(of("2026-11-20T16:35:59Z"), kNow);
  EXPECT_EQ(of("2026-11-20T16:35:59.5Z"), kNow + kSecond / 2);
  EXPECT_EQ(of("2026-11-20T17:35:59+01:00"), kNow);
  EXPECT_EQ(of("2026-11-20T12:05:59-04:30"), kNow);
  EXPECT_EQ(of("2026-11-20T16:35Z"), kNow - 59 * kSecond);
  EXPECT_EQ(of("2026-11-20Z"), kNow - (16 * 3600 + 35 * 60 + 59) * kSecond);
}

TEST_F(Timestamp, IsLocalWithoutAZone) {
  EXPECT_EQ(of("2026-11-20T17:35:59"), kNow);
  EXPECT_EQ(of("2026-11-20T17:35:59.000000001"), kNow + 1);
  EXPECT_EQ(of("2026-11-20T17"), kNow - (35 * 60 + 59) * kSecond);
  EXPECT_EQ(of("2026-11-20"), kNow - (17 * 3600 + 35 * 60 + 59) * kSecond);
}

TEST_F(Timestamp, MayBeSecondsSince1970) {
  EXPECT_EQ(of("1795192559"), kNow);
  EXPECT_EQ(of("1795192559.000000007"), kNow + 7);
  EXPECT_EQ(of("2026"), 2026 * kSecond);
}

TEST_F(Timestamp, IsRefusedWhenItIsNothingOfThese) {
  for (const char* text :
       {"", "yesterday", "-5m", "10 m", "1m1", "2026-13-01", "2026-11-20T16:35:59X",
        "2026-11-20T16:35:59+1:00", "2026-11-20T16:35:59.Z", "99999999999999999999", "1.2.3",
        "9999-01-01", "2026-11-20T16:35:59.1234567890Z"}) {
    EXPECT_EQ(of(text), -1) << text;
  }
}

}  // namespace
}  // namespace mycontainer::cmd::options
