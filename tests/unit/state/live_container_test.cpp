#include "runtime/state/live_container.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <vector>

#include "reexec/sys/file.h"
#include "runtime/state/record.h"

namespace mycontainer::runtime::state {
namespace {

namespace fs = std::filesystem;

struct LiveContainers : ::testing::Test {
  std::string base = ::testing::TempDir() + "live-" + std::to_string(::getpid());
  Roots roots{base + "/data", base + "/state"};
  void SetUp() override { fs::create_directories(base); }
  void TearDown() override { fs::remove_all(base); }

  [[nodiscard]] Record record(const std::string& id, const std::string& name = {}) const {
    return {id, name, {}, {}};
  }
  [[nodiscard]] bool exists(const std::string& below) const { return fs::exists(base + below); }
};

TEST_F(LiveContainers, LeaveNothingWhenRemoved) {
  auto container = LiveContainer::create(roots, record("aa", "web"));
  ASSERT_TRUE(container) << container.error().message();
  EXPECT_TRUE(exists("/state/containers/aa/record.json"));
  EXPECT_TRUE(exists("/data/upper/aa"));
  std::ofstream(base + "/data/upper/aa/file") << "x";
  ASSERT_TRUE(container->remove());
  EXPECT_FALSE(exists("/state/containers/aa"));
  EXPECT_FALSE(exists("/data/upper/aa"));
  EXPECT_FALSE(fs::is_symlink(base + "/state/names/web"));
}

TEST_F(LiveContainers, AreRemovedWhenForgotten) {
  { auto container = LiveContainer::create(roots, record("aa")); }
  EXPECT_FALSE(exists("/state/containers/aa"));
  EXPECT_FALSE(exists("/data/upper/aa"));
}

TEST_F(LiveContainers, HoldTheirNameUntilTheyAreGone) {
  auto first = LiveContainer::create(roots, record("aa", "web"));
  ASSERT_TRUE(first);
  const auto second = LiveContainer::create(roots, record("bb", "web"));
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().operation.find("\"web\" is already in use"), std::string::npos);
  EXPECT_FALSE(exists("/state/containers/bb"));
  EXPECT_TRUE(fs::is_symlink(base + "/state/names/web"));
  ASSERT_TRUE(first->remove());
  EXPECT_TRUE(LiveContainer::create(roots, record("cc", "web")));
}

TEST_F(LiveContainers, AreLeftAloneByACollectorWhileTheirSupervisorLives) {
  auto container = LiveContainer::create(roots, record("aa"));
  ASSERT_TRUE(container);
  collect_stale(roots, {});
  EXPECT_TRUE(exists("/state/containers/aa"));
}

// A supervisor that is killed: no destructor runs, the kernel lets go of the lock.
void die_while_running(const Roots& roots, const Record& record) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto container = LiveContainer::create(roots, record);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
}

TEST_F(LiveContainers, AreCollectedAfterTheirSupervisorWasKilled) {
  die_while_running(roots, record("aa", "web"));
  ASSERT_TRUE(exists("/state/containers/aa"));
  collect_stale(roots, {});
  EXPECT_FALSE(exists("/state/containers/aa"));
  EXPECT_FALSE(exists("/data/upper/aa"));
  EXPECT_FALSE(fs::is_symlink(base + "/state/names/web"));
}

// Killed between the record and the claim, or refused the name: the record asks for it all the
// same.
TEST_F(LiveContainers, AreCollectedWithoutTakingTheNameThatIsAnothers) {
  auto owner = LiveContainer::create(roots, record("aa", "web"));
  ASSERT_TRUE(owner);
  die_while_running(roots, record("bb"));
  std::ofstream(base + "/state/containers/bb/record.json", std::ios::trunc)
      << to_json(Record{"bb", "web", {}, roots.data});
  collect_stale(roots, {});
  EXPECT_FALSE(exists("/state/containers/bb"));
  EXPECT_TRUE(fs::is_symlink(base + "/state/names/web"));
}

TEST_F(LiveContainers, GiveTheirNameAwayEvenBeforeTheyAreCollected) {
  die_while_running(roots, record("aa", "web"));
  fs::remove_all(base + "/state/containers/aa");
  EXPECT_TRUE(LiveContainer::create(roots, record("bb", "web")));
}

TEST_F(LiveContainers, AreCollectedByWhoWantsTheirName) {
  die_while_running(roots, record("aa", "web"));
  EXPECT_TRUE(LiveContainer::create(roots, record("bb", "web")));
  EXPECT_FALSE(exists("/state/containers/aa"));
}

// All begin together, and a winner keeps the name until all have answered.
struct Claimants {
  explicit Claimants(const Roots& roots, const std::string& name, int count) {
    for (auto* ends : {&start, &answers, &end}) EXPECT_EQ(::pipe(ends->data()), 0);
    for (int i = 0; i < count; ++i) {
      children.push_back(::fork());
      if (children.back() == 0) claim(roots, {"id" + std::to_string(i), name, {}, {}});
    }
  }
  [[noreturn]] void claim(const Roots& roots, const Record& record) const {
    ::close(start[1]);
    ::close(end[1]);
    char byte = 0;
    EXPECT_EQ(::read(start[0], &byte, 1), 0);
    {
      const auto container = LiveContainer::create(roots, record);
      EXPECT_EQ(::write(answers[1], container ? "y" : "n", 1), 1);
      EXPECT_EQ(::read(end[0], &byte, 1), 0);
    }
    ::_exit(0);
  }
  std::string run() {
    ::close(start[1]);
    std::string all(children.size(), '?');
    for (char& answer : all) EXPECT_EQ(::read(answers[0], &answer, 1), 1);
    ::close(end[1]);
    for (const pid_t child : children) EXPECT_EQ(::waitpid(child, nullptr, 0), child);
    for (const int fd : {start[0], answers[0], answers[1], end[0]}) ::close(fd);
    return all;
  }
  std::array<int, 2> start{}, answers{}, end{};
  std::vector<pid_t> children;
};

TEST_F(LiveContainers, GiveTheirNameToExactlyOneOfManyWhoWantIt) {
  for (int round = 0; round < 20; ++round) {
    // Of a killed container with its directory, or without; an earlier collector got so far.
    die_while_running(roots, record("aa", "web"));
    if (round % 2 == 0) fs::remove_all(base + "/state/containers/aa");
    const std::string answers = Claimants(roots, "web", 8).run();
    EXPECT_EQ(std::ranges::count(answers, 'y'), 1) << "round " << round << ": " << answers;
  }
}

TEST_F(LiveContainers, WaitForACollectorThatIsAboutToReleaseTheName) {
  die_while_running(roots, record("aa", "web"));
  std::array<int, 2> locked{};
  ASSERT_EQ(::pipe(locked.data()), 0);
  const pid_t collector = ::fork();
  if (collector == 0) {
    const int directory = ::open((base + "/state/containers/aa").c_str(), O_RDONLY | O_DIRECTORY);
    EXPECT_EQ(::flock(directory, LOCK_EX), 0);
    EXPECT_EQ(::write(locked[1], "", 1), 1);
    ::usleep(3000);
    EXPECT_EQ(::unlink((base + "/state/names/web").c_str()), 0);
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(locked[0], &byte, 1), 1);
  const auto container = LiveContainer::create(roots, record("bb", "web"));
  EXPECT_TRUE(container) << container.error().message();
  EXPECT_EQ(::waitpid(collector, nullptr, 0), collector);
  for (const int fd : locked) ::close(fd);
}

TEST_F(LiveContainers, LoseTheMarkerOfAVolatileOverlay) {
  auto container = LiveContainer::create(roots, record("aa"));
  ASSERT_TRUE(container);
  const std::string marker = base + "/data/work/aa/work/incompat/volatile";
  fs::create_directories(marker);
  std::ofstream(marker + "/dirty") << "";
  container->remove_volatile_marker();
  EXPECT_FALSE(exists("/data/work/aa/work/incompat"));
  EXPECT_TRUE(exists("/data/work/aa/work"));
}

TEST_F(LiveContainers, AreCollectedWithATornOrMissingRecord) {
  die_while_running(roots, record("aa"));
  std::ofstream(base + "/state/containers/aa/record.json", std::ios::trunc) << "{\"id\":\"a";
  fs::create_directories(base + "/state/containers/bb");
  collect_stale(roots, {});
  EXPECT_FALSE(exists("/state/containers/aa"));
  EXPECT_FALSE(exists("/state/containers/bb"));
}

TEST(Record, SurvivesItsJson) {
  const Record record{"id", "na\"me", "/parent", "/data"};
  const Record read = from_json(to_json(record));
  EXPECT_EQ(read.id, record.id);
  EXPECT_EQ(read.name, record.name);
  EXPECT_EQ(read.cgroup_parent, record.cgroup_parent);
  EXPECT_EQ(read.data_root, record.data_root);
}

TEST(Record, ReadsGarbageAsEmpty) {
  for (const char* text : {"", "[]", "{", "{\"id\":5}", "null", "\xff\xfe"}) {
    EXPECT_EQ(from_json(text).id, "") << text;
  }
}

}  // namespace
}  // namespace mycontainer::runtime::state
