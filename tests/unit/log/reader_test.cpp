#include "runtime/log/reader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "harness.h"
#include "runtime/log/time_text.h"

namespace mycontainer::runtime::log {
namespace {

using testing::Directory;
using testing::kSecond;
using testing::line;
using testing::open;
using testing::records;
using testing::settings;
using testing::text;

ReadRequest last(std::uint64_t count) {
  ReadRequest request;
  request.tail = count;
  return request;
}

std::string numbers(int first, int end) {
  std::string all;
  for (int i = first; i < end; ++i) all += fmt::format("{}\n", i);
  return all;
}

// Numbers from 100 on, nine in each of three files.
void fill_three_files(const Directory& directory) {
  auto writer = open(directory, settings(9 * line("100\n").size(), 3));
  writer.write(1, numbers(100, 127), kSecond);
  ASSERT_TRUE(directory.has("log.json.2"));
}

TEST(Read, GivesStreamTimeAndTextInOrder) {
  Directory directory;
  auto writer = open(directory);
  writer.write(1, "out\n", kSecond);
  writer.write(2, "err\n", 2 * kSecond);
  const auto found = records(directory);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], (testing::Record{1, "1970-01-01T00:00:01.000000000Z", "out\n"}));
  EXPECT_EQ(found[1], (testing::Record{2, "1970-01-01T00:00:02.000000000Z", "err\n"}));
}

TEST(Read, SaysThatThereIsNoLog) {
  Directory directory;
  const auto done = read(directory.fd(), {}, [](const Entry&) { return true; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ENOENT);
}

TEST(Read, EndsWhenItIsTold) {
  Directory directory;
  fill_three_files(directory);
  int count = 0;
  ASSERT_TRUE(read(directory.fd(), {}, [&](const Entry&) { return ++count < 12; }));
  EXPECT_EQ(count, 12);
}

TEST(Read, TailCountsOverAllFiles) {
  Directory directory;
  fill_three_files(directory);
  for (int count = 0; count <= 30; ++count) {
    EXPECT_EQ(text(directory, last(static_cast<std::uint64_t>(count))),
              numbers(127 - std::min(count, 27), 127))
        << count;
  }
  EXPECT_EQ(text(directory, last(UINT64_MAX)), numbers(100, 127));
}

TEST(Read, TailReadsFilesLargerThanItsBuffer) {
  Directory directory;
  auto writer = open(directory);
  for (int i = 0; i < 200; ++i) {
    writer.write(1, fmt::format("{} {}\n", i, std::string(9000, 'x')), kSecond);
  }
  const auto found = records(directory, last(150));
  ASSERT_EQ(found.size(), 150U);
  EXPECT_TRUE(found.front().text.starts_with("50 x"));
  EXPECT_TRUE(found.back().text.starts_with("199 x"));
}

TEST(Read, TailDoesNotCountALineThatIsStillBeingWritten) {
  Directory directory;
  directory.put("log.json", line("1\n") + line("2\n") + line("3\n").substr(0, 20));
  EXPECT_EQ(text(directory, last(1)), "2\n");
  EXPECT_EQ(text(directory), "1\n2\n");
}

TEST(Read, KeepsToSinceAndUntil) {
  Directory directory;
  auto writer = open(directory);
  for (int i = 1; i <= 5; ++i) writer.write(1, fmt::format("{}\n", i), i * kSecond);
  const auto between = [&](state::Nanoseconds since, state::Nanoseconds until) {
    ReadRequest request;
    request.since = since;
    request.until = until;
    return text(directory, request);
  };
  EXPECT_EQ(between(3 * kSecond, 0), "3\n4\n5\n");
  EXPECT_EQ(between(3 * kSecond + 1, 0), "4\n5\n");
  EXPECT_EQ(between(0, 2 * kSecond), "1\n2\n");
  EXPECT_EQ(between(2 * kSecond, 3 * kSecond), "2\n3\n");
  EXPECT_EQ(between(9 * kSecond, 0), "");
}

// Docker's own have no more digits than they need, and may have another zone.
TEST(Read, KeepsToSinceInTimesOfAnotherMakeToo) {
  Directory directory;
  std::string bytes;
  for (const char* time : {"1970-01-01T00:00:02.9Z", "1970-01-01T00:00:03Z",
                           "1970-01-01T01:00:03.5+01:00", "1970-01-01T00:00:03.5+01:00", "?"}) {
    bytes +=
        fmt::format("{{\"log\":\"{}\\n\",\"stream\":\"stdout\",\"time\":\"{}\"}}\n", time, time);
  }
  directory.put("log.json", bytes);
  ReadRequest request;
  request.since = 3 * kSecond;
  EXPECT_EQ(text(directory, request), "1970-01-01T00:00:03Z\n1970-01-01T01:00:03.5+01:00\n");
}

TEST(Read, PassesOverWhatIsNoRecord) {
  Directory directory;
  directory.put("log.json", "garbage\n\n" + line("1\n") + std::string(1'000'000, '\0') + "\n" +
                                line("2\n") + std::string(4096, '\0') + "{}\n" + line("3\n") +
                                std::string(700'000, 'x'));
  EXPECT_EQ(text(directory), "1\n2\n3\n");
}

// A line that crosses the end of the read buffer, at every place.
TEST(Read, JoinsLinesAtTheEndOfItsBuffer) {
  const std::size_t size = line("x\n").size();
  for (std::size_t shift = 0; shift <= size; ++shift) {
    Directory directory;
    std::string bytes = std::string((256 << 10) - 2 * size + shift, 'g') + "\n";
    for (int i = 0; i < 4; ++i) bytes += line("x\n");
    directory.put("log.json", bytes);
    EXPECT_EQ(text(directory), "x\nx\nx\nx\n") << shift;
  }
}

TEST(Read, ReadsWhatAKilledRotationLeft) {
  Directory directory;
  directory.put("log.json.1", line("1\n"));
  EXPECT_EQ(text(directory), "1\n");
}

TEST(Read, ReadsPastTheGapOfARotationUnderWay) {
  Directory directory;
  directory.put("log.json.2", line("1\n"));
  directory.put("log.json", line("2\n"));
  EXPECT_EQ(text(directory), "1\n2\n");
}

TEST(Read, RefusesWhatIsNoFile) {
  Directory directory;
  ASSERT_EQ(::mkfifoat(directory.fd(), "log.json", 0600), 0);
  EXPECT_FALSE(read(directory.fd(), {}, [](const Entry&) { return true; }));
}

// Follows in a thread of its own until `ended` is set.
class Follower {
 public:
  explicit Follower(const Directory& directory, ReadRequest request = {}) : request_(request) {
    request_.follow = true;
    request_.goes_on = [this] {
      ++idle;
      return !ended;
    };
    thread_ = std::thread([this, &directory] { text = testing::text(directory, request_); });
  }
  void wait_until_idle() const {
    const int before = idle;
    while (idle == before) ::usleep(100);
  }
  std::string finish() {
    ended = true;
    thread_.join();
    return text;
  }
  std::atomic<int> idle = 0;
  std::atomic<bool> ended = false;

 private:
  ReadRequest request_;
  std::thread thread_;
  std::string text;
};

TEST(Follow, SeesWhatComesAndWhatCameBeforeTheEnd) {
  Directory directory;
  auto writer = open(directory);
  writer.write(1, "1\n", kSecond);
  Follower follower(directory);
  follower.wait_until_idle();
  writer.write(1, "2\n", kSecond);
  follower.wait_until_idle();
  writer.write(1, "3", kSecond);
  writer.flush(kSecond);
  EXPECT_EQ(follower.finish(), "1\n2\n3");
}

TEST(Follow, WithATailOfNothingGivesOnlyWhatComes) {
  Directory directory;
  auto writer = open(directory);
  writer.write(1, "1\n2\n", kSecond);
  Follower follower(directory, last(0));
  follower.wait_until_idle();
  writer.write(1, "3\n", kSecond);
  EXPECT_EQ(follower.finish(), "3\n");
}

TEST(Follow, EndsByItselfAtUntil) {
  Directory directory;
  auto writer = open(directory);
  writer.write(1, "1\n", kSecond);
  ReadRequest request;
  request.follow = true;
  request.until = 2 * kSecond;  // long ago
  request.goes_on = [] { return true; };
  EXPECT_EQ(text(directory, request), "1\n");
}

TEST(Follow, EndsWithoutLossWhenTheDirectoryGoesAway) {
  Directory directory;
  auto writer = open(directory);
  writer.write(1, "1\n", kSecond);
  Follower follower(directory);
  follower.wait_until_idle();
  writer.write(1, "2\n", kSecond);
  ::unlinkat(directory.fd(), "log.json", 0);
  EXPECT_EQ(follower.finish(), "1\n2\n");
}

TEST(Follow, StartsAgainWhenSomebodyEmptiesTheFile) {
  Directory directory;
  auto writer = open(directory);
  writer.write(1, "1\n2\n", kSecond);
  Follower follower(directory);
  follower.wait_until_idle();
  directory.put("log.json", "");
  follower.wait_until_idle();
  writer.write(1, "3\n", kSecond);
  EXPECT_EQ(follower.finish(), "1\n2\n3\n");
}

// A record that is taken back (ENOSPC) and written again is neither lost nor doubled.
TEST(Follow, WaitsForTheWholeOfALine) {
  Directory directory;
  directory.put("log.json", line("1\n"));
  Follower follower(directory);
  follower.wait_until_idle();
  directory.append("log.json", line("two\n").substr(0, 30));
  follower.wait_until_idle();
  ASSERT_EQ(
      ::truncate((directory.path() + "/log.json").c_str(), static_cast<off_t>(line("1\n").size())),
      0);
  directory.append("log.json", line("3\n").substr(0, 10));
  follower.wait_until_idle();
  directory.append("log.json", line("3\n").substr(10));
  EXPECT_EQ(follower.finish(), "1\n3\n");
}

// Enough files for nothing to be dropped before the follower has seen it.
TEST(Follow, LosesAndDoublesNothingAcrossRotations) {
  for (const std::uint64_t bound : {1U, 200U, 5000U}) {
    Directory directory;
    auto writer = open(directory, settings(bound, 500));
    Follower follower(directory);
    const int count = bound == 1 ? 400 : 5000;
    for (int i = 0; i < count; ++i) {
      if (bound == 200 && i == 900) break;
      writer.write(1, fmt::format("{}\n", i), kSecond);
    }
    EXPECT_EQ(follower.finish(), numbers(0, bound == 200 ? 900 : count)) << bound;
  }
}

// Reads from the start, again and again, while files are renamed under its feet.
TEST(Read, GivesAnUnbrokenPieceWhileTheWriterRotates) {
  Directory directory;
  auto writer = open(directory, settings(4 * line("10000\n").size(), 5));
  writer.write(1, numbers(10000, 10100), kSecond);
  std::atomic<bool> ends = false;
  std::thread writing([&] {
    for (int i = 10100; !ends && i < 99999; ++i) writer.write(1, fmt::format("{}\n", i), kSecond);
  });
  for (int round = 0; round < 300; ++round) {
    const auto found = records(directory);
    ASSERT_GE(found.size(), 8U) << round;
    const int first = std::stoi(found.front().text);
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i].text, fmt::format("{}\n", first + static_cast<int>(i))) << round;
    }
  }
  ends = true;
  writing.join();
}

}  // namespace
}  // namespace mycontainer::runtime::log
