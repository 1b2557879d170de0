#include "runtime/log/writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "harness.h"

namespace mycontainer::runtime::log {
namespace {

using testing::Directory;
using testing::kSecond;
using testing::line;
using testing::open;
using testing::records;
using testing::settings;
using testing::text;

TEST(Writer, WritesARecordForEachLine) {
  Directory directory;
  auto writer = open(directory);
  writer.write(1, "one\ntwo\n", kSecond);
  writer.write(2, "three\n", 2 * kSecond);
  EXPECT_EQ(directory.file("log.json"), line("one\n") + line("two\n") +
                                            "{\"log\":\"three\\n\",\"stream\":\"stderr\","
                                            "\"time\":\"1970-01-01T00:00:02.000000000Z\"}\n");
}

TEST(Writer, KeepsAnUnfinishedLineUntilItEndsOrTheContainerDoes) {
  Directory directory;
  auto writer = open(directory);
  writer.write(1, "be", kSecond);
  writer.write(2, "err", kSecond);
  EXPECT_EQ(directory.file("log.json"), "");
  writer.write(1, "gun\nx", kSecond);
  EXPECT_EQ(directory.file("log.json"), line("begun\n"));
  writer.flush(kSecond);
  const auto found = records(directory);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[1].text, "x");
  EXPECT_EQ(found[2].text, "err");
  EXPECT_EQ(found[2].stream, 2);
  writer.flush(kSecond);
  EXPECT_EQ(records(directory).size(), 3U);
}

// Whatever the pieces that a long line comes in.
TEST(Writer, SplitsLongLinesAndOnlyTheLastPartHasTheNewline) {
  std::string bytes;
  for (std::size_t i = 0; i < 3 * kLongestRecord + 10; ++i)
    bytes += static_cast<char>('a' + i % 26);
  bytes += "\nshort\n";
  for (const std::size_t piece :
       {1UL, 7UL, 4096UL, kLongestRecord - 1, kLongestRecord, kLongestRecord + 1, bytes.size()}) {
    Directory directory;
    auto writer = open(directory);
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      writer.write(1, std::string_view(bytes).substr(at, piece), kSecond);
    }
    const auto found = records(directory);
    ASSERT_EQ(found.size(), 5U) << piece;
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(found[static_cast<std::size_t>(i)].text.size(), kLongestRecord) << piece;
    }
    EXPECT_TRUE(found[3].text.ends_with('\n'));
    EXPECT_EQ(text(directory), bytes) << piece;
  }
}

TEST(Writer, ALineOfExactlyTheLongestSizeIsOneRecord) {
  Directory directory;
  auto writer = open(directory);
  const std::string bytes = std::string(kLongestRecord - 1, 'x') + "\n";
  writer.write(1, bytes, kSecond);
  writer.write(1, bytes.substr(0, 100), kSecond);
  writer.write(1, bytes.substr(100), kSecond);
  ASSERT_EQ(records(directory).size(), 2U);
  EXPECT_EQ(text(directory), bytes + bytes);
}

TEST(Writer, NeverCutsACharacterInTwo) {
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string bytes(shift, 'x');
    while (bytes.size() < 2 * kLongestRecord) bytes += "𝄞";
    for (const std::size_t piece : {999UL, bytes.size()}) {
      Directory directory;
      auto writer = open(directory);
      for (std::size_t at = 0; at < bytes.size(); at += piece) {
        writer.write(1, std::string_view(bytes).substr(at, piece), kSecond);
      }
      writer.flush(kSecond);
      EXPECT_EQ(text(directory), bytes);
    }
  }
}

TEST(Writer, TakesEveryByteEvenWhenNoneIsText) {
  Directory directory;
  auto writer = open(directory);
  writer.write(1, std::string(100'000, '\x80'), kSecond);
  writer.write(1, std::string(100'000, '\0'), kSecond);
  writer.flush(kSecond);
  EXPECT_EQ(text(directory).size(), 100'000U * 4);  // U+FFFD is three bytes
}

// The bound falls on every byte of a record once.
TEST(Writer, RotatesWithinItsBoundWithoutLosingALine) {
  const std::size_t size = line("0123\n").size();
  for (std::uint64_t bound = 3 * size - 2; bound <= 4 * size + 2; ++bound) {
    Directory directory;
    auto writer = open(directory, settings(bound, 5));
    for (int i = 1000; i < 1009; ++i) writer.write(1, fmt::format("{}\n", i), kSecond);
    EXPECT_EQ(text(directory), "1000\n1001\n1002\n1003\n1004\n1005\n1006\n1007\n1008\n") << bound;
    for (const char* name : {"log.json", "log.json.1", "log.json.2", "log.json.3"}) {
      EXPECT_LE(directory.file(name).size(), bound);
    }
    EXPECT_GT(directory.file("log.json.1").size() + size, bound) << "rotated too early";
  }
}

TEST(Writer, RotatesWithinOneWriteToo) {
  std::string bytes;
  for (int i = 10000; i < 12000; ++i) bytes += fmt::format("{}\n", i);
  Directory directory;
  auto writer = open(directory, settings(20'000, 20));
  writer.write(1, bytes, kSecond);
  EXPECT_EQ(text(directory), bytes);
  EXPECT_LE(directory.file("log.json").size(), 20'000U);
}

TEST(Writer, KeepsNoMoreFilesThanItMay) {
  for (unsigned files : {1U, 2U, 3U}) {
    Directory directory;
    auto writer = open(directory, settings(2 * line("100\n").size(), files));
    for (int i = 100; i < 120; ++i) writer.write(1, fmt::format("{}\n", i), kSecond);
    EXPECT_TRUE(directory.has(files == 1 ? "log.json" : fmt::format("log.json.{}", files - 1)));
    EXPECT_FALSE(directory.has(fmt::format("log.json.{}", files)));
    EXPECT_EQ(records(directory).size(), 2 * files);
    EXPECT_TRUE(text(directory).ends_with("118\n119\n"));
  }
}

TEST(Writer, ARecordLargerThanTheBoundHasAFileOfItsOwn) {
  Directory directory;
  auto writer = open(directory, settings(10, 3));
  for (const char* word : {"a\n", "b\n", "c\n", "d\n"}) writer.write(1, word, kSecond);
  EXPECT_EQ(text(directory), "b\nc\nd\n");
}

TEST(Writer, GoesOnWhereTheLastMonitorStopped) {
  Directory directory;
  const auto bound = settings(3 * line("1\n").size(), 2);
  open(directory, bound).write(1, "1\n2\n", kSecond);
  auto writer = open(directory, bound);
  writer.write(1, "3\n4\n", kSecond);
  EXPECT_EQ(directory.file("log.json.1"), line("1\n") + line("2\n") + line("3\n"));
  EXPECT_EQ(directory.file("log.json"), line("4\n"));
}

TEST(Writer, CutsATornLastLineAtEveryByte) {
  const std::string whole = line("one\n"), torn = line("two\n");
  for (std::size_t size = 0; size < torn.size(); ++size) {
    Directory directory;
    directory.put("log.json", whole + torn.substr(0, size));
    auto writer = open(directory);
    EXPECT_EQ(directory.file("log.json"), whole);
    writer.write(1, "three\n", kSecond);
    EXPECT_EQ(text(directory), "one\nthree\n");
  }
}

TEST(Writer, CutsALongTornLine) {
  Directory directory;
  directory.put("log.json", line("one\n") + std::string(10'000, 'x'));
  open(directory);
  EXPECT_EQ(directory.file("log.json"), line("one\n"));
  directory.put("log.json", std::string(10'000, 'x'));
  open(directory);
  EXPECT_EQ(directory.file("log.json"), "");
}

TEST(Writer, GoesOnAfterAMonitorWasKilledInTheMiddleOfARotation) {
  Directory directory;
  directory.put("log.json.1", line("old\n"));
  directory.put("log.json.new", "");
  auto writer = open(directory, settings(line("new1\n").size(), 3));
  writer.write(1, "new1\nnew2\n", kSecond);
  EXPECT_EQ(text(directory), "old\nnew1\nnew2\n");
}

TEST(Writer, FollowsNoLinkAndTakesNothingButAFile) {
  Directory directory;
  ASSERT_EQ(::symlinkat("/dev/null", directory.fd(), "log.json"), 0);
  EXPECT_FALSE(Writer::open(directory.fd(), settings()));
  ::unlinkat(directory.fd(), "log.json", 0);
  ASSERT_EQ(::mkfifoat(directory.fd(), "log.json", 0600), 0);
  EXPECT_FALSE(Writer::open(directory.fd(), settings()));
}

TEST(Writer, WithTheDriverNoneNothingIsWritten) {
  Directory directory;
  auto none = settings();
  none.driver = "none";
  auto writer = open(directory, none);
  writer.write(1, "x\n", kSecond);
  writer.flush(kSecond);
  EXPECT_FALSE(directory.has("log.json"));
}

// The file system refuses bytes beyond `bytes`, as a full disk does.
class FullAt {
 public:
  explicit FullAt(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullAt() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FullAt(const FullAt&) = delete;
  FullAt& operator=(const FullAt&) = delete;

 private:
  rlimit before_{};
};

TEST(Writer, LeavesARecordOutWholeWhereverTheDiskIsFullAndTellsAfterwards) {
  const std::string one = line("one\n");
  for (std::size_t room = 0; room < 2 * one.size(); ++room) {
    Directory directory;
    auto writer = open(directory);
    writer.write(1, "one\n", kSecond);
    {
      const FullAt full(one.size() + room);
      writer.write(1, "two\nsix\nten\n", kSecond);
      writer.write(1, "xx\n", kSecond);
    }
    const std::string kept = room < one.size() ? "one\n" : "one\ntwo\n";
    EXPECT_EQ(text(directory), kept) << room;
    EXPECT_TRUE(directory.file("log.json").ends_with('\n')) << room;
    EXPECT_EQ(writer.lost(), room < one.size() ? 4U : 3U);
    writer.write(1, "end\n", kSecond);
    const auto found = records(directory);
    ASSERT_GE(found.size(), 3U);
    EXPECT_EQ(found[found.size() - 1].text, "end\n");
    EXPECT_EQ(found[found.size() - 2].stream, 2);
    EXPECT_NE(found[found.size() - 2].text.find(fmt::format("{} log records", writer.lost())),
              std::string::npos)
        << found[found.size() - 2].text;
    writer.write(1, "no more\n", kSecond);
    EXPECT_EQ(records(directory).size(), found.size() + 1);
  }
}

TEST(Writer, TellsWhatIsMissingAtTheEndWhenNothingElseCame) {
  Directory directory;
  auto writer = open(directory);
  {
    const FullAt full(10);
    writer.write(1, "lost\n", kSecond);
    writer.flush(kSecond);
  }
  EXPECT_EQ(directory.file("log.json"), "");
  EXPECT_EQ(writer.lost(), 1U);
  writer.flush(kSecond);
  EXPECT_NE(text(directory).find("1 log record before"), std::string::npos) << text(directory);
}

// The torn piece is taken from the file's end, not from where we think that it is.
TEST(Writer, DoesNotFillAFileWithZerosThatSomebodyHasEmptied) {
  Directory directory;
  auto writer = open(directory);
  writer.write(1, "one\ntwo\nthree\n", kSecond);
  directory.put("log.json", "");
  {
    const FullAt full(line("x\n").size() + 5);
    writer.write(1, "x\ny\n", kSecond);
  }
  EXPECT_EQ(directory.file("log.json"), line("x\n"));
}

TEST(Writer, OnAFullFileSystemKeepsWholeRecordsAndAllFiles) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  char place[] = "/tmp/log-full-XXXXXX";
  ASSERT_NE(::mkdtemp(place), nullptr);
  ASSERT_EQ(::mount("tmpfs", place, "tmpfs", 0, "size=64k"), 0);
  {
    Directory directory(place);
    auto writer = open(directory, settings(20'000, 10));
    for (int i = 0; i < 2000; ++i) writer.write(1, fmt::format("line {}\n", i), kSecond);
    EXPECT_GT(writer.lost(), 0U);
    const auto found = records(directory);
    EXPECT_EQ(found.size(), 2000 - writer.lost());
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i].text, fmt::format("line {}\n", i));
    }
    ::unlinkat(directory.fd(), "log.json.1", 0);
    writer.write(1, "after\n", kSecond);
    EXPECT_TRUE(text(directory).ends_with("after\n"));
    EXPECT_NE(text(directory).find("No space left on device"), std::string::npos);
  }
  EXPECT_EQ(::umount2(place, MNT_DETACH), 0);
  ::rmdir(place);
}

}  // namespace
}  // namespace mycontainer::runtime::log
