#include "runtime/state/store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "runtime/oci/json.h"
#include "runtime/state/live.h"

namespace mycontainer::runtime::state {
namespace {

namespace fs = std::filesystem;

struct Containers : ::testing::Test {
  std::string base = ::testing::TempDir() + "store-" + std::to_string(::getpid());
  Roots roots{base + "/data", base + "/state"};
  void SetUp() override { fs::create_directories(base); }
  void TearDown() override { fs::remove_all(base); }

  [[nodiscard]] static Record record(const std::string& id, const std::string& name) {
    Record record;
    record.id = id;
    record.name = name;
    record.created = now();
    return record;
  }
  Result<Container> create(const Record& record) {
    return Container::create(roots, record, oci::Spec(), {});
  }
  void make(const Record& record) {
    auto container = create(record);
    ASSERT_TRUE(container) << container.error().message();
    container->keep();
  }
  [[nodiscard]] bool exists(const std::string& below) const {
    return fs::symlink_status(base + below).type() != fs::file_type::not_found;
  }
};

TEST_F(Containers, AreFoundByNameIdAndUniqueBeginning) {
  make(record("abc1", "web"));
  make(record("abd2", "db"));
  EXPECT_EQ(find(roots, "web").value(), "abc1");
  EXPECT_EQ(find(roots, "/web").value(), "abc1");
  EXPECT_EQ(find(roots, "abd2").value(), "abd2");
  EXPECT_EQ(find(roots, "abc").value(), "abc1");
  EXPECT_NE(find(roots, "ab").error().operation.find("several"), std::string::npos);
  EXPECT_EQ(find(roots, "x").error().message(), "no such container: x");
  EXPECT_FALSE(find(roots, ""));
  EXPECT_FALSE(find(roots, "../containers/abc1"));
}

TEST_F(Containers, OfALongIdAreFoundByNameAndTheLinkNeedsNoBlockOnDisk) {
  const std::string id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  make(record(id, "web"));
  EXPECT_EQ(owner_of_name(roots, "web"), id);
  EXPECT_EQ(find(roots, "web").value(), id);
  EXPECT_LT(fs::read_symlink(base + "/data/names/web").string().size(), 60U);
}

TEST_F(Containers, KeepTheirNameUntilTheyAreRemoved) {
  make(record("aa", "web"));
  const auto second = create(record("bb", "web"));
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().operation.find("\"web\" is already in use"), std::string::npos);
  EXPECT_FALSE(exists("/data/containers/bb"));
  ASSERT_TRUE(Container::open(roots, "aa")->remove({}));
  EXPECT_FALSE(exists("/data/containers/aa"));
  EXPECT_FALSE(exists("/data/names/web"));
  make(record("cc", "web"));
}

TEST_F(Containers, AreRemovedWhenNobodyKeepsThem) {
  ASSERT_TRUE(create(record("aa", "web")));
  EXPECT_FALSE(exists("/data/containers/aa"));
  EXPECT_FALSE(exists("/data/names/web"));
}

TEST_F(Containers, TakeOverTheNameOfOneThatIsGone) {
  fs::create_directories(base + "/data/names");
  fs::create_symlink("deadbeef", base + "/data/names/web");
  make(record("aa", "web"));
  EXPECT_EQ(owner_of_name(roots, "web"), "aa");
}

TEST_F(Containers, KeepEveryFieldOfTheirRecord) {
  Record all = record("aa", "web");
  all.args = {"a b", ""};
  all.labels = {{"k", "v"}};
  all.restart = {RestartKind::kOnFailure, 4};
  all.stop_timeout = -1;
  all.health_check.test = {"CMD", "x"};
  all.state.health = {"healthy", 2, {{1, 2, 3, "out"}}};
  all.state.status = Status::kExited;
  all.state.exit_code = 137;
  make(all);
  const auto read = Container::open(roots, "aa")->read();
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json(*read), to_json(all));
}

TEST_F(Containers, WithATornRecordAreBrokenAndOthersAreNot) {
  make(record("aa", "web"));
  make(record("bb", "db"));
  fs::resize_file(base + "/data/containers/aa/record.json", 20);
  const auto all = list(roots);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].record.name, "db");
  EXPECT_FALSE((*all)[1].broken.empty());
  EXPECT_TRUE(Container::open(roots, "aa")->remove({}));
}

TEST_F(Containers, ThatWereNeverFinishedAreNotListedAndAreCollected) {
  fs::create_directories(base + "/data/containers/aa");
  EXPECT_TRUE(list(roots)->empty());
  collect_records(roots, {});
  EXPECT_FALSE(exists("/data/containers/aa"));
}

TEST_F(Containers, ChangeTheirNameWhole) {
  make(record("aa", "web"));
  auto container = Container::open(roots, "aa");
  ASSERT_TRUE(container->lock());
  auto changed = container->read();
  ASSERT_TRUE(rename(*container, *changed, "shop", {}));
  EXPECT_EQ(find(roots, "shop").value(), "aa");
  EXPECT_FALSE(exists("/data/names/web"));
}

// Killed after it had claimed the new name, or before it had let go of the old one.
TEST_F(Containers, AreCalledWhatTheirRecordSaysAfterAKilledRename) {
  make(record("aa", "web"));
  fs::create_symlink("aa", base + "/data/names/shop");
  EXPECT_EQ(find(roots, "web").value(), "aa");
  EXPECT_FALSE(find(roots, "shop"));
  make(record("bb", "shop"));
  EXPECT_EQ(find(roots, "shop").value(), "bb");
  auto container = Container::open(roots, "aa");
  ASSERT_TRUE(container->lock());
  auto changed = container->read();
  ASSERT_TRUE(rename(*container, *changed, "mall", {}));
  container->unlock();
  fs::create_symlink("aa", base + "/data/names/web");
  EXPECT_EQ(find(roots, "mall").value(), "aa");
  EXPECT_FALSE(find(roots, "web"));
  make(record("cc", "web"));
  EXPECT_EQ(find(roots, "web").value(), "cc");
}

// A supervisor that is killed: no destructor runs, the kernel lets go of its locks.
void run_and_die(const Roots& roots, const Record& record) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto live = LiveDirectory::create(roots, record.id, {});
    auto container = Container::create(roots, record, oci::Spec(), {});
    (void)live->begin_run();
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
}

TEST_F(Containers, WhoseSupervisorWasKilledAreExitedAndCollected) {
  Record running = record("aa", "web");
  running.state.status = Status::kRunning;
  running.state.boot = boot_id().value();
  run_and_die(roots, running);
  EXPECT_EQ(effective_state(roots, running).status, Status::kExited);
  EXPECT_EQ(effective_state(roots, running).exit_code, 137);
  EXPECT_TRUE(collect_if_stale(roots, "aa", {}).value());
  EXPECT_FALSE(exists("/state/containers/aa"));
  EXPECT_EQ(Container::open(roots, "aa")->read()->state.exit_code, 137);
}

TEST_F(Containers, OfAnotherBootAreExitedWith255) {
  Record running = record("aa", "web");
  running.state.status = Status::kRunning;
  running.state.boot = "another";
  make(running);
  EXPECT_EQ(effective_state(roots, running).exit_code, 255);
  collect_records(roots, {});
  EXPECT_EQ(Container::open(roots, "aa")->read()->state.exit_code, 255);
}

TEST_F(Containers, WithRmAreCollectedWhole) {
  Record running = record("aa", "web");
  running.auto_remove = running.foreground = true;
  running.state.status = Status::kRunning;
  run_and_die(roots, running);
  // The name is free at once: who wants it collects.
  make(record("bb", "web"));
  EXPECT_FALSE(exists("/data/containers/aa"));
}

TEST_F(Containers, AreLeftAloneWhileTheirSupervisorLives) {
  auto live = LiveDirectory::create(roots, "aa", {});
  ASSERT_TRUE(live);
  EXPECT_TRUE(is_supervised(roots, "aa"));
  collect_stale(roots, {});
  EXPECT_TRUE(exists("/state/containers/aa"));
  EXPECT_FALSE(LiveDirectory::create(roots, "aa", {}));
  ASSERT_TRUE(live->remove());
  EXPECT_FALSE(is_supervised(roots, "aa"));
}

TEST_F(Containers, ThatAreManyAreCollectedAFewAtATime) {
  constexpr int kMany = 100;
  for (int i = 0; i < kMany; ++i) {
    LiveDirectory::create(roots, "stale" + std::to_string(i), {})->leave();
  }
  const auto left = [&] {
    return std::distance(fs::directory_iterator(base + "/state/containers"), {});
  };
  collect_some(roots, {});
  EXPECT_GE(left(), kMany - 32);
  for (int run = 0; run < 1000 && left() > 0; ++run) collect_some(roots, {});
  EXPECT_EQ(left(), 0);
}

TEST_F(Containers, TellWaitersHowTheyEnded) {
  auto live = LiveDirectory::create(roots, "aa", {});
  EXPECT_FALSE(ExitWaiter::open(roots, "aa").value());
  ASSERT_TRUE(live->begin_run());
  const auto waiter = ExitWaiter::open(roots, "aa");
  ASSERT_TRUE(waiter->has_value());
  EXPECT_EQ((*waiter)->wait(0).value(), std::nullopt);
  live->end_run(42);
  ASSERT_TRUE(live->remove());
  EXPECT_EQ((*waiter)->wait(-1).value(), 42);
}

TEST_F(Containers, TellWaitersThatTheirSupervisorWasKilled) {
  Record running = record("aa", "web");
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto live = LiveDirectory::create(roots, "aa", {});
    (void)live->begin_run();
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  const auto waiter = ExitWaiter::open(roots, "aa");
  ASSERT_TRUE(waiter->has_value());
  ::kill(child, SIGKILL);
  EXPECT_EQ((*waiter)->wait(-1).value(), 137);
  ::waitpid(child, nullptr, 0);
}

TEST_F(Containers, InTheForegroundHaveTheirConfigurationWhereTheyRun) {
  Record foreground = record("aa", "web");
  foreground.foreground = true;
  make(foreground);
  EXPECT_FALSE(Container::open(roots, "aa")->read_spec());
  const auto live = LiveDirectory::create(roots, "aa", {});
  oci::Spec spec;
  spec.hostname = "here";
  std::ofstream(live->path() + "/config.json") << oci::to_json(spec);
  EXPECT_EQ(Container::open(roots, "aa")->read_spec()->hostname, "here");
}

// Runs `work` again and again beside the test until it is destroyed.
class Meanwhile {
 public:
  explicit Meanwhile(std::function<void()> work)
      : thread_([this, work = std::move(work)] {
          while (!done_) work();
        }) {}
  ~Meanwhile() {
    done_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

// A collector that found nothing of a run may meet the record of the next.
TEST_F(Containers, ThatAreStartedMeanwhileAreNotCollected) {
  make(record("aa", "web"));
  const Meanwhile collector([this] { (void)collect_if_stale(roots, "aa", {}); });
  auto container = Container::open(roots, "aa");
  const auto set = [&](Status status) {
    return container->change([status](Record& record) { record.state.status = status; });
  };
  for (int run = 0; run < 300; ++run) {
    ASSERT_TRUE(container->lock());
    auto live = LiveDirectory::create(roots, "aa", {});
    ASSERT_TRUE(live) << live.error().message();
    ASSERT_TRUE(set(Status::kRunning));
    ::usleep(20);
    ASSERT_EQ(container->read()->state.status, Status::kRunning) << "in run " << run;
    ASSERT_TRUE(set(Status::kExited));
  }
}

TEST_F(Containers, AreMadeWhileOthersCollectWhatWasNeverFinished) {
  const Meanwhile collector([this] { collect_records(roots, {}); });
  for (int made = 0; made < 300; ++made) {
    auto container = create(record("aa", "web"));
    ASSERT_TRUE(container) << container.error().message() << " after " << made;
  }
}

// The monitor makes the fifo of the next run before it replaces the exit code of the one before.
TEST_F(Containers, TellWhoComesBetweenTwoRunsHowTheFirstEnded) {
  const std::string live = base + "/state/containers/aa";
  fs::create_directories(live);
  std::ofstream(live + "/exit") << "42\n";
  ASSERT_EQ(::mkfifo((live + "/running").c_str(), 0600), 0);
  const UniqueFd supervisor(::open((live + "/running").c_str(), O_RDWR | O_CLOEXEC));
  const auto waiter = ExitWaiter::open(roots, "aa");
  ASSERT_TRUE(waiter->has_value());
  EXPECT_EQ((*waiter)->wait(0).value(), 42);
}

}  // namespace
}  // namespace mycontainer::runtime::state
