#include "runtime/attach/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "harness.h"
#include "runtime/attach/listener.h"

namespace mycontainer::runtime::attach {
namespace {

using testing::Directory;
using testing::Monitor;
using testing::Talker;

TEST(Server, GivesOutputToWhoIsAttachedInOrder) {
  Monitor monitor;
  Talker early(monitor);
  early.attach();
  monitor.server().output(1, "one");
  Talker late(monitor);
  late.attach();
  monitor.server().output(2, "two");
  EXPECT_EQ(early.next(), "attached");
  EXPECT_EQ(early.next(), "output one");
  EXPECT_EQ(early.next(), "error two");
  EXPECT_EQ(late.next(), "attached");
  EXPECT_EQ(late.next(), "error two");
  EXPECT_EQ(late.next(), "");
}

TEST(Server, IsNotKeptByAClientThatSendsWithoutEnd) {
  Monitor monitor(true);
  Talker talker(monitor);
  talker.attach();
  constexpr std::uint16_t kSent = 100;
  for (std::uint16_t sent = 1; sent <= kSent; ++sent) {
    talker.say(Type::kResize, bytes_of(SizeBody{1, sent}));
  }
  monitor.turn();
  EXPECT_EQ(monitor.sizes.find("1x100 "), std::string::npos) << "all of it in one turn";
  for (int turn = 0; turn < kSent; ++turn) monitor.turn();
  EXPECT_TRUE(monitor.sizes.ends_with(" 1x100 "));
}

TEST(Server, GivesOnlyTheStreamsThatWereAskedFor) {
  Monitor monitor;
  Talker talker(monitor);
  talker.attach({0, 0, 1});
  monitor.server().output(1, "out");
  monitor.server().output(2, "err");
  EXPECT_EQ(talker.next(), "attached");
  EXPECT_EQ(talker.next(), "error err");
}

TEST(Server, CutsOutputIntoPackets) {
  Monitor monitor;
  Talker talker(monitor);
  talker.attach();
  const std::string bytes(2 * kMostBytes + 1, 'x');
  monitor.server().output(1, bytes);
  EXPECT_EQ(talker.next(), "attached");
  EXPECT_EQ(talker.next().size(), 7 + kMostBytes);
  EXPECT_EQ(talker.next().size(), 7 + kMostBytes);
  EXPECT_EQ(talker.next(), "output x");
}

TEST(Server, TellsTheEndAfterTheLastOutputAndCloses) {
  Monitor monitor;
  Talker talker(monitor);
  talker.attach();
  monitor.server().output(1, "last");
  monitor.server().ended(42);
  EXPECT_EQ(talker.next(), "attached");
  EXPECT_EQ(talker.next(), "output last");
  EXPECT_EQ(talker.next(), "ended 42");
  EXPECT_TRUE(monitor.server().empty());
  monitor.turn();
  EXPECT_EQ(talker.next(), "closed");
}

// The container is so short that it has ended before its client was heard.
TEST(Server, TellsTheEndToWhoAttachesLate) {
  Directory directory;
  Monitor monitor(directory);
  Talker connected(*connect_in(directory.fd()));
  connected.say_attach();
  monitor.server().ended(7);
  EXPECT_EQ(connected.next(), "attached");
  EXPECT_EQ(connected.next(), "ended 7");
  Talker later(*connect_in(directory.fd()));
  later.say_attach();
  monitor.turn();
  EXPECT_EQ(later.next(), "attached");
  EXPECT_EQ(later.next(), "ended 7");
}

// `printf x` without a newline: no byte and no exit code is ever lost, whatever comes first.
TEST(Server, NeverLosesTheLastByteOrTheEnd) {
  Directory directory;
  for (int round = 0; round < 5000; ++round) {
    Monitor monitor(directory);
    Talker talker(monitor, /*says=*/round % 4 == 0);
    if (round % 4 == 1) talker.attach();
    monitor.server().output(1, "x");
    if (round % 4 == 2) talker.attach();
    if (round % 3 == 0) monitor.turn();
    monitor.server().ended(round % 256);
    if (round % 4 == 3) talker.attach();
    if (round % 5 == 0) monitor.turn();
    ASSERT_EQ(talker.next(), "attached") << round;
    ASSERT_EQ(talker.next(), "output x") << round;
    ASSERT_EQ(talker.next(), fmt::format("ended {}", round % 256));
  }
}

TEST(Server, KeepsOutputForWhoIsExpectedToAttach) {
  Monitor monitor;
  Talker talker(monitor);
  while (!monitor.server().is_full()) monitor.server().output(1, std::string(10'000, 'x'));
  EXPECT_EQ(monitor.ready(), 0) << "poll(2) would return at once, for ever";
  monitor.server().output(2, "y");
  monitor.server().ended(1);
  EXPECT_FALSE(monitor.server().empty());
  talker.attach({0, 0, 1});
  EXPECT_EQ(talker.next(), "attached");
  EXPECT_EQ(talker.next(), "error y");
  EXPECT_EQ(talker.next(), "ended 1");
  EXPECT_EQ(talker.next(), "closed");
  EXPECT_TRUE(monitor.server().empty());
}

TEST(Server, WaitsNoLongerForWhoDiedBeforeItAttached) {
  Monitor monitor;
  {
    const Talker talker(monitor);
    monitor.server().output(1, "x");
    monitor.server().ended(1);
    EXPECT_FALSE(monitor.server().empty());
  }
  monitor.turn();
  EXPECT_TRUE(monitor.server().empty());
}

TEST(Server, IsFullWhenAClientIsBehindAndNoByteIsLost) {
  Monitor monitor;
  Talker slow(monitor), quick(monitor);
  slow.attach();
  quick.attach();
  quick.drain();
  std::string sent;
  for (char c = 'a'; !monitor.server().is_full(); c = c == 'z' ? 'a' : static_cast<char>(c + 1)) {
    const std::string bytes(10'000, c);
    monitor.server().output(1, bytes);
    sent += bytes;
    quick.drain();
    ASSERT_LT(sent.size(), 10U << 20) << "never full";
  }
  monitor.turn();
  EXPECT_EQ(quick.output(), sent);
  monitor.server().ended(0);
  EXPECT_FALSE(monitor.server().empty());
  for (int turns = 0; turns < 1000 && !slow.has_ended(); ++turns) {
    slow.drain();
    monitor.turn();
  }
  EXPECT_EQ(slow.output(), sent);
  EXPECT_TRUE(slow.has_ended());
  EXPECT_TRUE(monitor.server().empty());
  EXPECT_FALSE(monitor.server().is_full());
}

TEST(Server, AStalledClientDoesNotKeepTheEndFromOthers) {
  Monitor monitor;
  Talker stalled(monitor), other(monitor);
  stalled.attach();
  other.attach();
  while (!monitor.server().is_full()) {
    monitor.server().output(1, std::string(30'000, 'x'));
    other.drain();
  }
  monitor.server().ended(3);
  monitor.turn();
  other.drain();
  EXPECT_TRUE(other.has_ended());
  EXPECT_FALSE(monitor.server().empty());
}

TEST(Server, ClosesAClientThatIsHopelesslyBehind) {
  Monitor monitor;
  Talker stalled(monitor), other(monitor);
  stalled.attach();
  other.attach();
  for (int i = 0; i < 100; ++i) {
    monitor.server().output(1, std::string(30'000, 'x'));
    other.drain();
  }
  monitor.turn();
  EXPECT_FALSE(monitor.server().is_full());
  EXPECT_EQ(other.output().size(), 3'000'000U);
  stalled.drain();
  EXPECT_TRUE(stalled.is_closed());
  EXPECT_FALSE(stalled.has_ended());
}

TEST(Server, AClientThatIsGoneIsForgotten) {
  Monitor monitor;
  {
    Talker talker(monitor);
    talker.attach();
    while (!monitor.server().is_full()) monitor.server().output(1, std::string(30'000, 'x'));
  }
  monitor.turn();
  EXPECT_TRUE(monitor.server().empty());
  EXPECT_FALSE(monitor.server().is_full());
}

TEST(Server, PassesInputOnAndItsEnd) {
  Monitor monitor;
  Talker talker(monitor);
  talker.attach();
  talker.say(Type::kInput, "hello ");
  talker.say(Type::kInput, "world");
  talker.say(Type::kInputEnd, "");
  monitor.turn();
  EXPECT_EQ(monitor.input, "hello world");
  EXPECT_EQ(monitor.ends, "end ");
}

TEST(Server, TellsWhenWhoHadTheInputLeft) {
  Monitor monitor;
  {
    Talker with(monitor), without(monitor);
    with.attach();
    without.attach({0, 1, 1});
  }
  monitor.turn();
  EXPECT_EQ(monitor.ends, "left ");
}

TEST(Server, TakesNoInputFromWhoDidNotAskForIt) {
  Monitor monitor;
  Talker talker(monitor);
  talker.attach({0, 1, 1});
  talker.say(Type::kInput, "x");
  talker.say(Type::kInputEnd, "");
  monitor.turn();
  EXPECT_EQ(monitor.input + monitor.ends, "");
}

TEST(Server, WaitsWithInputUntilThereIsRoom) {
  Monitor monitor;
  Talker talker(monitor);
  talker.attach();
  monitor.room = 3;
  talker.say(Type::kInput, "abcdef");
  talker.say(Type::kInput, "ghi");
  talker.say(Type::kInputEnd, "");
  monitor.turn();
  EXPECT_EQ(monitor.input, "abc");
  EXPECT_TRUE(monitor.server().has_input());
  monitor.turn();
  EXPECT_EQ(monitor.input, "abc");
  monitor.room = 5;
  monitor.server().input_ready();
  EXPECT_EQ(monitor.input, "abcdefgh");
  EXPECT_EQ(monitor.ends, "");
  monitor.room = 100;
  monitor.server().input_ready();
  EXPECT_EQ(monitor.input, "abcdefghi");
  EXPECT_EQ(monitor.ends, "end ");
  EXPECT_FALSE(monitor.server().has_input());
}

// `printf data | attach` may be over before the container has read anything.
TEST(Server, InputOfAClientThatLeftIsNotLostAndDoesNotKeepPollBusy) {
  Monitor monitor;
  monitor.room = 2;
  {
    Talker talker(monitor);
    talker.attach();
    talker.say(Type::kInput, "abcdef");
    talker.say(Type::kInput, "ghi");
  }
  monitor.turn();
  monitor.turn();
  EXPECT_EQ(monitor.input, "ab");
  EXPECT_EQ(monitor.ready(), 0) << "poll(2) would return at once, for ever";
  monitor.room = 100;
  monitor.server().input_ready();
  EXPECT_EQ(monitor.input, "abcdefghi");
  EXPECT_EQ(monitor.ends, "left ");
  EXPECT_TRUE(monitor.server().empty());
}

TEST(Server, InputThatWasSentSurvivesOutputThatWasNotRead) {
  Monitor monitor;
  {
    Talker talker(monitor);
    talker.attach();
    monitor.server().output(1, "unread");
    talker.say(Type::kInput, "abc");
  }
  monitor.turn();
  EXPECT_EQ(monitor.input, "abc");
}

TEST(Server, ResizesForATerminalOnly) {
  for (const bool terminal : {false, true}) {
    Monitor monitor(terminal);
    Talker talker(monitor);
    talker.attach({1, 1, 1, 0, 24, 80});
    const SizeBody size{30, 100};
    talker.say(Type::kResize, bytes_of(size));
    talker.say(Type::kResize, "short");
    monitor.turn();
    EXPECT_EQ(monitor.sizes, terminal ? "24x80 30x100 " : "");
  }
}

TEST(Server, ClosesWhoDoesNotSpeakTheProtocol) {
  for (const std::string& packet :
       {std::string("\x04input before attach"), std::string("\x01short"), std::string(1, '\x63'),
        std::string(kLongestPacket + 1, '\x01')}) {
    Monitor monitor;
    Talker talker(monitor, /*says=*/false);
    talker.say_raw(packet);
    monitor.turn();
    EXPECT_EQ(talker.next(), "closed");
    EXPECT_TRUE(monitor.server().empty());
  }
}

TEST(Server, TakesSoManyClientsAndNoMore) {
  Directory directory;
  Monitor monitor(directory);
  std::vector<Talker> talkers;
  for (std::size_t i = 0; i < Server::kMostClients; ++i) {
    talkers.emplace_back(*connect_in(directory.fd()));
    talkers.back().say_attach();
    monitor.turn();
  }
  Talker refused(*connect_in(directory.fd()));
  monitor.turn();
  EXPECT_EQ(refused.next(), "refused too many clients are attached to the container");
  EXPECT_EQ(refused.next(), "closed");
  talkers.pop_back();
  monitor.turn();
  Talker next(*connect_in(directory.fd()));
  next.say_attach();
  monitor.turn();
  EXPECT_EQ(next.next(), "attached");
}

TEST(Server, ListensInADirectoryWhosePathIsTooLongForASocket) {
  Directory directory(std::string(200, 'd'));
  Monitor monitor(directory);
  auto socket = connect_in(directory.fd());
  ASSERT_TRUE(socket) << socket.error().message();
  Talker talker(*std::move(socket));
  talker.say_attach();
  monitor.turn();
  EXPECT_EQ(talker.next(), "attached");
}

TEST(Server, TakesThePlaceOfADeadOne) {
  Directory directory;
  { Monitor dead(directory); }
  EXPECT_EQ(connect_in(directory.fd()).error().code, ECONNREFUSED);
  Monitor monitor(directory);
  EXPECT_TRUE(connect_in(directory.fd()));
}

TEST(Server, RefusesAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Directory directory;
  ASSERT_EQ(::fchmod(directory.fd(), 0755), 0);
  Monitor monitor(directory);
  ASSERT_EQ(::chmod((directory.path() + "/attach.sock").c_str(), 0777), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setresgid(65534, 65534, 65534) != 0 || ::setresuid(65534, 65534, 65534) != 0) ::_exit(1);
    auto socket = connect_in(directory.fd());
    if (!socket) ::_exit(2);
    Talker talker(*std::move(socket));
    ::_exit(talker.await() == "refused only its owner and root may attach to a container" ? 0 : 3);
  }
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) monitor.turn(1);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(monitor.server().empty());
}

}  // namespace
}  // namespace mycontainer::runtime::attach
