#include "cmd/print/table.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "cmd/print/text.h"
#include "cmd/print/units.h"

namespace mycontainer::cmd::print {
namespace {

constexpr Nanoseconds kSecond = 1'000'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute,
                      kDay = 24 * kHour;

TEST(HumanDuration, SpeaksAsGoUnitsDo) {
  const std::pair<Nanoseconds, const char*> cases[] = {
      {-kSecond, "Less than a second"},
      {kSecond - 1, "Less than a second"},
      {kSecond, "1 second"},
      {45 * kSecond, "45 seconds"},
      {kMinute, "About a minute"},
      {2 * kMinute - 1, "About a minute"},
      {3 * kMinute, "3 minutes"},
      {59 * kMinute + 59 * kSecond, "59 minutes"},
      {kHour, "About an hour"},
      {kHour + 29 * kMinute, "About an hour"},
      {kHour + 30 * kMinute, "2 hours"},
      {47 * kHour, "47 hours"},
      {2 * kDay, "2 days"},
      {13 * kDay, "13 days"},
      {14 * kDay, "2 weeks"},
      {59 * kDay, "8 weeks"},
      {60 * kDay, "2 months"},
      {729 * kDay, "24 months"},
      {730 * kDay, "2 years"},
  };
  for (const auto& [duration, words] : cases) EXPECT_EQ(human_duration(duration), words);
}

TEST(HumanSize, SpeaksAsGoUnitsDo) {
  EXPECT_EQ(human_size(0), "0B");
  EXPECT_EQ(human_size(999), "999B");
  EXPECT_EQ(human_size(1000), "1kB");
  EXPECT_EQ(human_size(1093, 3), "1.09kB");
  EXPECT_EQ(human_size(1093), "1.093kB");
  EXPECT_EQ(human_size(123'456'789, 3), "123MB");
  EXPECT_EQ(human_size(999'950, 3), "1MB");
  EXPECT_EQ(human_size(UINT64_MAX, 3), "18.4EB");
  EXPECT_EQ(binary_size(1024), "1KiB");
  EXPECT_EQ(binary_size(8'333'233'152), "7.761GiB");
}

class InZone : public testing::Test {
 protected:
  static void set(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
  ~InZone() override { set("UTC"); }
};

TEST_F(InZone, TimesAreWrittenAsGoDoes) {
  constexpr Nanoseconds kTime = 1'795'192'559 * kSecond;
  set("UTC");
  EXPECT_EQ(local_time_nano(kTime + 7), "2026-11-20T16:35:59.000000007Z");
  EXPECT_EQ(local_time_words(kTime), "2026-11-20 16:35:59 +0000 UTC");
  set("XST-5:30");
  EXPECT_EQ(local_time_nano(kTime), "2026-11-20T22:05:59.000000000+05:30");
  EXPECT_EQ(local_time_words(kTime), "2026-11-20 22:05:59 +0530 XST");
}

TEST(Visible, ShowsEverythingThatIsNotText) {
  EXPECT_EQ(visible("plain \"text\" \\"), "plain \"text\" \\");
  EXPECT_EQ(visible("\n\t\x1b[2J\x7f\a"), "\\n\\t\\x1b[2J\\x7f\\a");
  EXPECT_EQ(visible("\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80"),
            "\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80");
  EXPECT_EQ(visible("\xc2\x9b\xe2\x80\xae\xf3\xa0\x80\x81"), "\\u009b\\u202e\\U000e0001");
  EXPECT_EQ(visible("\xff\x9b\xc3"), "\\xff\\x9b\\xc3");
  EXPECT_EQ(visible("\xed\xa0\x80\xc0\xaf"), "\\xed\\xa0\\x80\\xc0\\xaf");  // surrogate, overlong
  EXPECT_EQ(visible("a\nb\x01", "\n"), "a\nb\\x01");
}

TEST(Quoted, IsAGoString) {
  EXPECT_EQ(quoted("/bin/sh -c 'echo \"a\\b\"'\n"), R"("/bin/sh -c 'echo \"a\\b\"'\n")");
  EXPECT_EQ(quoted("\x1b\xff"), R"("\x1b\xff")");
}

TEST(Ellipsis, CutsAtAWidth) {
  EXPECT_EQ(ellipsis("12345678901234567890", 20), "12345678901234567890");
  EXPECT_EQ(ellipsis("123456789012345678901", 20), "1234567890123456789…");
  EXPECT_EQ(ellipsis("漢字漢字", 5), "漢字…");
  EXPECT_EQ(ellipsis("abc", 1), "…");
  EXPECT_EQ(ellipsis("abc", 0), "");
}

TEST(Table, HasColumnsOfAtLeastTenAndAGapOfThree) {
  EXPECT_EQ(table(std::vector<Row>{{"ID", "IMAGE", "NAMES"},
                                   {"0123456789ab", "bb", "web"},
                                   {"x", "", "a much longer name"}}),
            "ID             IMAGE     NAMES\n"
            "0123456789ab   bb        web\n"
            "x                        a much longer name\n");
}

TEST(Table, CountsColumnsNotBytesAndShowsControls) {
  EXPECT_EQ(table(std::vector<Row>{{"漢字漢字漢", "x"}, {"\x1b[31m", "y\n"}}),
            "漢字漢字漢   x\n"
            "\\x1b[31m     y\\n\n");
}

TEST(AlignTabs, LinesUpNeighboursOnly) {
  EXPECT_EQ(align_tabs("a\tb\nlong long long\tc\n\nx\ty\n"),
            "a                b\n"
            "long long long   c\n"
            "\n"
            "x         y\n");
  EXPECT_EQ(align_tabs("a\t\tb"), "a                   b\n");
  EXPECT_EQ(align_tabs(""), "");
}

}  // namespace
}  // namespace mycontainer::cmd::print
