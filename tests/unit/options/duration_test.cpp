#include "cmd/options/duration.h"

#include <gtest/gtest.h>

namespace mycontainer::cmd::options {
namespace {

TEST(Duration, AddsUpNumbersWithUnits) {
  EXPECT_EQ(parse_duration("5s").value(), 5'000'000'000);
  EXPECT_EQ(parse_duration("1m30s").value(), 90'000'000'000);
  EXPECT_EQ(parse_duration("1.5h").value(), 5'400'000'000'000);
  EXPECT_EQ(parse_duration("250ms").value(), 250'000'000);
  EXPECT_EQ(parse_duration("1us1ns").value(), 1'001);
  EXPECT_EQ(parse_duration("0").value(), 0);
  EXPECT_EQ(parse_duration("0s").value(), 0);
}

TEST(Duration, IsRefusedWithoutUnitOrBeyondCounting) {
  for (const char* text : {"", "5", "s", "-5s", "5 s", "5x", "1m1", "nans", "infh", "1e400s",
                           "99999999999999999999h"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

}  // namespace
}  // namespace mycontainer::cmd::options
