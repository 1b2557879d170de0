#include "cmd/options/values.h"

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

namespace mycontainer::cmd::options {
namespace {

TEST(ParseBool, TakesGosSpellings) {
  for (const char* text : {"1", "t", "T", "TRUE", "true", "True"}) EXPECT_TRUE(*parse_bool(text));
  for (const char* text : {"0", "f", "F", "FALSE", "false", "False"}) {
    EXPECT_FALSE(*parse_bool(text));
  }
  for (const char* text : {"", "yes", "tRUE", "2"}) EXPECT_FALSE(parse_bool(text).has_value());
}

TEST(ParseInteger, TakesNothingAroundTheNumber) {
  EXPECT_EQ(*parse_integer<int>("-12"), -12);
  for (const char* text : {"", " 1", "1 ", "0x1", "1.0", "+1"}) {
    EXPECT_FALSE(parse_integer<int>(text)) << text;
  }
  EXPECT_EQ(parse_integer<std::uint16_t>("70000").error().operation, "value out of range");
}

TEST(ParseSize, CountsInUnitsOf1024) {
  const std::vector<std::pair<const char*, std::int64_t>> cases = {
      {"0", 0},
      {"64", 64},
      {"64b", 64},
      {"64B", 64},
      {"1k", 1024},
      {"1kb", 1024},
      {"1KiB", 1024},
      {"64m", 64 << 20},
      {"64 m", 64 << 20},
      {"1.5g", 3LL << 29},
      {"1g", 1LL << 30},
      {"1t", 1LL << 40},
      {"1p", 1LL << 50},
      {"0.5k", 512},
      {"8191p", 8191LL << 50},
  };
  for (const auto& [text, bytes] : cases) {
    const auto size = parse_size(text);
    ASSERT_TRUE(size) << text;
    EXPECT_EQ(*size, bytes) << text;
  }
}

TEST(ParseSize, RefusesWhatIsNoSize) {
  for (const char* text : {"", "m", "-1", "3x5", "1kk", "1ib", "1 ", "1e3", ".5m", "inf", "nan",
                           "0x10", "+1", "1kbb", "8192p", "99999999999999999999"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(ParseSignal, TakesNamesAndNumbers) {
  EXPECT_EQ(*parse_signal("TERM"), SIGTERM);
  EXPECT_EQ(*parse_signal("SIGTERM"), SIGTERM);
  EXPECT_EQ(*parse_signal("sigquit"), SIGQUIT);
  EXPECT_EQ(*parse_signal("9"), SIGKILL);
  EXPECT_EQ(*parse_signal("64"), 64);
}

TEST(ParseSignal, TakesRealtimeSignals) {
  EXPECT_EQ(*parse_signal("RTMIN"), SIGRTMIN);
  EXPECT_EQ(*parse_signal("SIGRTMIN+3"), SIGRTMIN + 3);
  EXPECT_EQ(*parse_signal("RTMAX-2"), SIGRTMAX - 2);
}

TEST(ParseSignal, RefusesWhatIsNoSignal) {
  for (const char* text : {"", "SIG", "FOO", "0", "-1", "65", "RTMIN-1", "RTMAX+1", "RTMIN+16",
                           "RTMIN+", "SIGSIGTERM"}) {
    const auto parsed = parse_signal(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().operation, std::string("Invalid signal: ") + text);
  }
}

}  // namespace
}  // namespace mycontainer::cmd::options
