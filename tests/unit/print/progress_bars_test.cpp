#include "cmd/print/progress_bars.h"

#include <gtest/gtest.h>

#include "cmd/print/text.h"

namespace mycontainer::cmd::print {
namespace {

constexpr Nanoseconds kSecond = 1'000'000'000;

Progress at(Phase phase, std::uint64_t current = 0, std::uint64_t total = 0) {
  return {"0123456789ab", phase, current, total, {}};
}
std::string only_line(const ProgressBars& bars, Screen screen, Nanoseconds now) {
  const auto lines = bars.lines(screen, now);
  return lines.size() == 1 ? lines.front() : "not one line";
}

TEST(ProgressBars, ADownloadHasABarItsAmountsAndItsRate) {
  ProgressBars bars(Operation::kPull);
  bars.take(at(Phase::kDownloading, 0, 40'000'000), kSecond);
  bars.take(at(Phase::kDownloading, 20'000'000, 40'000'000), 3 * kSecond);
  EXPECT_EQ(only_line(bars, {80, 24}, 3 * kSecond),
            "0123456789ab: Downloading [===============>                 ] 20MB/40MB  10MB/s");
}

TEST(ProgressBars, TheRateOfAResumedDownloadDoesNotCountWhatWasThere) {
  ProgressBars bars(Operation::kPull);
  bars.take(at(Phase::kDownloading, 30'000'000, 40'000'000), kSecond);
  bars.take(at(Phase::kDownloading, 31'000'000, 40'000'000), 2 * kSecond);
  EXPECT_NE(only_line(bars, {100, 24}, 2 * kSecond).find("  1MB/s"), std::string::npos);
}

TEST(ProgressBars, NoLineIsAsWideAsTheScreen) {
  ProgressBars bars(Operation::kPull);
  bars.take(at(Phase::kDownloading, 123'456'789, 987'654'321), kSecond);
  bars.take(at(Phase::kDownloading, 523'456'789, 987'654'321), 2 * kSecond);
  bars.take({"another", Phase::kRetrying, 0, 0, "the registry \x1b[2J is away\n"}, kSecond);
  for (std::size_t columns = 1; columns < 200; ++columns) {
    for (const std::string& line : bars.lines({columns, 24}, 2 * kSecond)) {
      EXPECT_LT(display_width(line), std::max(columns, std::size_t{2})) << line;
      EXPECT_EQ(line.find('\x1b'), std::string::npos);
      EXPECT_EQ(line.find('\n'), std::string::npos);
    }
  }
}

TEST(ProgressBars, MoreLayersThanLinesShowThoseThatMove) {
  ProgressBars bars(Operation::kPull);
  for (int i = 0; i < 100; ++i) {
    const Phase phase = i < 40 ? Phase::kDone : i < 44 ? Phase::kDownloading : Phase::kWaiting;
    bars.take({"layer" + std::to_string(i), phase, 1, 2, {}}, kSecond);
  }
  const auto lines = bars.lines({80, 24}, kSecond);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_TRUE(lines[0].starts_with("layer40: Downloading"));
  EXPECT_EQ(lines[4], "40 of 100 layers are here");
  EXPECT_LE(bars.lines({80, 3}, kSecond).size(), 2U);
}

TEST(ProgressBars, MoreThanAllIsAFullBar) {
  ProgressBars bars(Operation::kPush);
  bars.take(at(Phase::kUploading, 90, 30), kSecond);
  EXPECT_NE(only_line(bars, {80, 24}, kSecond).find("=>] 90B/30B"), std::string::npos);
}

TEST(ProgressBars, EndsWhenAllLayersHaveEnded) {
  ProgressBars bars(Operation::kPull);
  EXPECT_TRUE(bars.all_ended());
  bars.take(at(Phase::kExtracting, 1, 2), kSecond);
  EXPECT_FALSE(bars.all_ended());
  bars.take(at(Phase::kDone), kSecond);
  EXPECT_TRUE(bars.all_ended());
}

TEST(ProgressLine, APullElsewhereThanOnATerminalReadsAsDockers) {
  const auto line = [](Phase phase, Phase before) {
    return progress_line(Operation::kPull, at(phase, 1, 2), before);
  };
  EXPECT_EQ(line(Phase::kWaiting, Phase::kWaiting), "0123456789ab: Pulling fs layer\n");
  EXPECT_EQ(line(Phase::kDownloading, Phase::kWaiting), "");
  EXPECT_EQ(line(Phase::kVerifying, Phase::kDownloading), "0123456789ab: Verifying Checksum\n");
  EXPECT_EQ(line(Phase::kExtracting, Phase::kVerifying), "0123456789ab: Download complete\n");
  EXPECT_EQ(line(Phase::kExtracting, Phase::kExtracting), "");
  EXPECT_EQ(line(Phase::kDone, Phase::kExtracting), "0123456789ab: Pull complete\n");
  EXPECT_EQ(line(Phase::kExists, Phase::kWaiting), "0123456789ab: Already exists\n");
}

TEST(ProgressLine, WordsOfARegistryCannotDriveATerminal) {
  const Progress retry{"0123456789ab", Phase::kRetrying, 0, 0, "\x1b]0;x\a"};
  EXPECT_EQ(progress_line(Operation::kPush, retry, Phase::kUploading),
            "0123456789ab: Retrying: \\x1b]0;x\\a\n");
  const Progress line{"", Phase::kLine, 0, 0, "a\nb"};
  EXPECT_EQ(progress_line(Operation::kPull, line, Phase::kLine), "a\\nb\n");
}

}  // namespace
}  // namespace mycontainer::cmd::print
