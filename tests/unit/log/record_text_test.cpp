#include "runtime/log/record_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "harness.h"
#include "runtime/log/time_text.h"

namespace mycontainer::runtime::log {
namespace {

constexpr std::string_view kTimeText = "2026-11-20T16:35:59.123456789Z";

std::string record(std::string_view text, int stream = 1) {
  std::string out;
  append_record(out, stream, text, kTimeText);
  return out;
}

// What a parser finds in a line without its newline; "?" for no record.
std::string parsed(std::string line) {
  RecordParser parser;
  RecordParser::Fields fields;
  if (!parser.parse(line.data(), line.size(), fields)) return "?";
  return fmt::format("{} {} {}", fields.stream, fields.time, fields.text);
}

TEST(AppendRecord, IsDockersLine) {
  EXPECT_EQ(record("hello\n"),
            R"({"log":"hello\n","stream":"stdout","time":"2026-11-20T16:35:59.123456789Z"})"
            "\n");
  EXPECT_EQ(record("x", 2),
            R"({"log":"x","stream":"stderr","time":"2026-11-20T16:35:59.123456789Z"})"
            "\n");
}

TEST(AppendRecord, EscapesWhatJsonWantsEscaped) {
  EXPECT_NE(record("a\"b\\c\td\re\x1b[0m\x01\x7f\n")
                .find(R"("a\"b\\c\td\re\u001b[0m\u0001)"
                      "\x7f\\n\""),
            std::string::npos);
  EXPECT_NE(record(std::string_view("\0", 1)).find(R"("\u0000")"), std::string::npos);
}

TEST(AppendRecord, LetsUtf8PassAndReplacesEveryOtherByte) {
  EXPECT_NE(record("äß€𝄞").find("\"äß€𝄞\""), std::string::npos);
  // A lone byte, an overlong slash, a surrogate, beyond U+10FFFF, a character cut short.
  EXPECT_NE(record("\xff").find(R"("\ufffd")"), std::string::npos);
  EXPECT_NE(record("\xc0\xaf").find(R"("\ufffd\ufffd")"), std::string::npos);
  EXPECT_NE(record("\xed\xa0\x80").find(R"("\ufffd\ufffd\ufffd")"), std::string::npos);
  EXPECT_NE(record("\xf4\x90\x80\x80").find(R"("\ufffd\ufffd\ufffd\ufffd")"), std::string::npos);
  EXPECT_NE(record("\xe2\x82").find(R"("\ufffd\ufffd")"), std::string::npos);
}

TEST(AppendRecord, AlwaysMakesWhatAnotherJsonLibraryReadsAndOursReadsTheSame) {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes;
    for (auto size = random() % 40; size > 0; --size) {
      bytes += static_cast<char>(random() % 3 == 0 ? random() % 256 : 0x20 + random() % 95);
    }
    std::string line = record(bytes, 2);
    line.pop_back();
    const auto json = nlohmann::json::parse(line, nullptr, false);
    ASSERT_TRUE(json.is_object()) << line;
    EXPECT_EQ(parsed(line), fmt::format("2 {} {}", kTimeText, json["log"].get<std::string>()));
  }
}

TEST(UnfinishedCharacter, CountsTheBytesOfACharacterCutShort) {
  EXPECT_EQ(unfinished_character(""), 0U);
  EXPECT_EQ(unfinished_character("abc"), 0U);
  EXPECT_EQ(unfinished_character("a€"), 0U);
  EXPECT_EQ(unfinished_character("a\xe2"), 1U);
  EXPECT_EQ(unfinished_character("a\xe2\x82"), 2U);
  EXPECT_EQ(unfinished_character("a\xf0\x9d\x84"), 3U);
  EXPECT_EQ(unfinished_character("\x80\x80\x80\x80"), 0U);  // none begins here
}

TEST(RecordParser, TakesOwnLinesApart) {
  EXPECT_EQ(parsed(R"({"log":"hi\n","stream":"stderr","time":"2026-11-20T16:35:59.123456789Z"})"),
            "2 2026-11-20T16:35:59.123456789Z hi\n");
  EXPECT_EQ(parsed(R"({"log":"","stream":"stdout","time":"2026-11-20T16:35:59.123456789Z"})"),
            "1 2026-11-20T16:35:59.123456789Z ");
  EXPECT_EQ(parsed(R"({"log":"\\n","stream":"stdout","time":"2026-11-20T16:35:59.123456789Z"})"),
            "1 2026-11-20T16:35:59.123456789Z \\n");
  EXPECT_EQ(
      parsed(
          R"({"log":"\u00e9\u20ac\/","stream":"stdout","time":"2026-11-20T16:35:59.123456789Z"})"),
      "1 2026-11-20T16:35:59.123456789Z é€/");
}

TEST(RecordParser, TakesDockersOtherLinesApart) {
  EXPECT_EQ(
      parsed(
          R"({"log":"a\n","attrs":{"x":"y"},"stream":"stdout","time":"2026-11-20T16:35:59.1Z"})"),
      "1 2026-11-20T16:35:59.1Z a\n");
  EXPECT_EQ(
      parsed(R"({"log":"\ud834\udd1e","stream":"stdout","time":"2026-11-20T16:35:59.123456789Z"})"),
      "1 2026-11-20T16:35:59.123456789Z 𝄞");
  // A key between, which the quick way must not take for text.
  EXPECT_EQ(
      parsed(R"({"log":"a","x":"b","stream":"stdout","time":"2026-11-20T16:35:59.123456789Z"})"),
      "1 2026-11-20T16:35:59.123456789Z a");
}

TEST(RecordParser, KnowsWhatIsNoRecord) {
  for (const char* line :
       {"", "x", "{}", "[]", "null", R"({"log":1,"stream":"stdout","time":"x"})",
        R"({"log":"a","stream":"stdout"})", R"({"log":"a","stream":"stdo)",
        R"({"log":"a\","stream":"stdout","time":"2026-11-20T16:35:59.123456789Z"})",
        R"({"log":"a\q","stream":"stdout","time":"2026-11-20T16:35:59.123456789Z"})",
        R"({"log":"a\u12","stream":"stdout","time":"2026-11-20T16:35:59.123456789Z"})"}) {
    EXPECT_EQ(parsed(line), "?") << line;
  }
  EXPECT_EQ(parsed(std::string(4096, '\0')), "?");
  EXPECT_EQ(parsed(std::string(100000, '[')), "?");
}

TEST(TimeText, IsAlwaysOfOneLength) {
  TimeText time;
  EXPECT_EQ(time.of(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(time.of(1'795'192'559'123'456'789), "2026-11-20T16:35:59.123456789Z");
  EXPECT_EQ(time.of(1'795'192'559'000'000'001), "2026-11-20T16:35:59.000000001Z");
  EXPECT_EQ(time.of(-5), "1970-01-01T00:00:00.000000000Z");
}

TEST(ParseTime, ReadsRfc3339) {
  TimeText time;
  for (const state::Nanoseconds t : {0L, 1'795'192'559'123'456'789L, 951'782'400'000'000'000L}) {
    EXPECT_EQ(parse_time(time.of(t)), t);
  }
  EXPECT_EQ(parse_time("1970-01-01T00:00:01Z"), 1'000'000'000);
  EXPECT_EQ(parse_time("1970-01-01T00:00:01.5Z"), 1'500'000'000);
  EXPECT_EQ(parse_time("1970-01-01T00:00:01.1234567899Z"), 1'123'456'789);
  EXPECT_EQ(parse_time("1970-01-01T01:00:00+01:00"), 0);
  EXPECT_EQ(parse_time("1969-12-31T23:30:00-00:30"), 0);
}

TEST(ParseTime, RefusesEverythingElse) {
  for (const char* text :
       {"", "1970", "1970-01-01T00:00:01", "1970-01-01T00:00:01.Z", "1970-02-30T00:00:00Z",
        "1970-01-01T24:00:00Z", "1970-13-01T00:00:00Z", "1970-00-01T00:00:00Z",
        "1970-01-01T00:00:0xZ", "1970-01-01T00:00:00ZZ", "1970-01-01T00:00:00+1:00",
        "1970/01/01T00:00:00Z", "9999-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

}  // namespace
}  // namespace mycontainer::runtime::log
