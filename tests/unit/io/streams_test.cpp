#include "runtime/io/streams.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

namespace mycontainer::runtime::io {
namespace {

using testing::call;
using testing::file_with;
using testing::make_pipe;
using testing::make_sockets;
using testing::make_terminal;

UniqueFd open_file(const char* path, int flags) {
  return UniqueFd(::open(path, flags | O_CLOEXEC));
}

TEST(Classify, TellsEveryKindOfStream) {
  EXPECT_EQ(classify(-1), StreamKind::kClosed);
  EXPECT_EQ(classify(open_file("/dev/null", O_RDWR).get()), StreamKind::kNull);
  EXPECT_EQ(classify(make_pipe().near.get()), StreamKind::kPipe);
  EXPECT_EQ(classify(make_terminal().far.get()), StreamKind::kTerminal);
  EXPECT_EQ(classify(file_with("x").get()), StreamKind::kFile);
  EXPECT_EQ(classify(make_sockets().near.get()), StreamKind::kSocket);
  EXPECT_EQ(classify(open_file("/", O_DIRECTORY).get()), StreamKind::kOther);
  EXPECT_EQ(classify(open_file("/dev/full", O_WRONLY).get()), StreamKind::kOther);
}

TEST(Classify, DoesNotTakeAFifoWithANameForAPipe) {
  char directory[] = "/tmp/io-fifo-XXXXXX";
  ASSERT_NE(::mkdtemp(directory), nullptr);
  const std::string path = std::string(directory) + "/fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(classify(open_file(path.c_str(), O_RDWR).get()), StreamKind::kOther);
  ::unlink(path.c_str());
  ::rmdir(directory);
}

TEST(ConnectionFor, HandsOverNothingButPipes) {
  EXPECT_EQ(connection_for(StreamKind::kPipe), Connection::kDirect);
  EXPECT_EQ(connection_for(StreamKind::kClosed), Connection::kNull);
  EXPECT_EQ(connection_for(StreamKind::kNull), Connection::kNull);
  for (const auto kind :
       {StreamKind::kTerminal, StreamKind::kFile, StreamKind::kSocket, StreamKind::kOther}) {
    EXPECT_EQ(connection_for(kind), Connection::kRelay);
  }
}

TEST(SameStream, KnowsADuplicateFromASecondOpen) {
  const auto file = file_with("x");
  const UniqueFd duplicate(::fcntl(file.get(), F_DUPFD_CLOEXEC, 0));
  const auto again = open_file(("/proc/self/fd/" + std::to_string(file.get())).c_str(), O_RDWR);
  EXPECT_TRUE(same_stream(file.get(), duplicate.get()));
  EXPECT_FALSE(same_stream(file.get(), again.get()));
  EXPECT_FALSE(same_stream(file.get(), -1));
}

TEST(HoldStandardStreams, PutsTheNullDeviceWhereAStreamIsClosed) {
  const auto file = file_with("");
  const int code = call({-1, file.get(), -1}, [] {
    if (!hold_standard_streams()) return 1;
    if (classify(0) != StreamKind::kNull || classify(2) != StreamKind::kNull) return 2;
    return classify(1) == StreamKind::kFile ? 0 : 3;
  });
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace mycontainer::runtime::io
