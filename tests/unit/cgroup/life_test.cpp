// For real: what an OCI runtime's commands do to a cgroup, as root on any kind of host.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <filesystem>
#include <thread>

#include "reexec/sys/file.h"
#include "runtime/cgroup/cgroup.h"
#include "tests/unit/cgroup/born.h"

namespace mycontainer::runtime::cgroup {
namespace {

namespace fs = std::filesystem;

int sleep_for_ever() {
  while (true) ::pause();
}

std::string own_cgroups(pid_t pid) {
  const auto text = sys::read_file_at(AT_FDCWD, "/proc/" + std::to_string(pid) + "/cgroup");
  return text ? *text : text.error().message();
}

std::string state_of(pid_t pid) {
  const auto text = sys::read_file_at(AT_FDCWD, "/proc/" + std::to_string(pid) + "/stat");
  return text ? text->substr(text->rfind(')') + 2, 1) : "gone";
}

class Life : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    auto found = find_hierarchies();
    ASSERT_TRUE(found) << found.error().message();
    ASSERT_TRUE(find_v1(*found));
    hierarchies_ = std::move(*found);
    if (hierarchies_.v2.empty()) GTEST_SKIP() << "needs cgroup v2";
  }

  void TearDown() override {
    for (const std::string& mount : mounts()) {
      if (mount.empty()) continue;
      EXPECT_FALSE(fs::exists(mount + top_ + "/c1")) << mount;
      ::rmdir((mount + top_).c_str());
    }
  }

  [[nodiscard]] std::vector<std::string> mounts() const {
    std::vector<std::string> mounts{hierarchies_.v2};
    for (const V1Hierarchy& v1 : hierarchies_.v1) mounts.push_back(v1.mount_point);
    return mounts;
  }

  [[nodiscard]] CgroupRequest request() const {
    CgroupRequest request;
    request.id = "unused name";
    request.path = top_ + "/c1";
    request.every_hierarchy = true;
    request.naming = Naming::kProperties;
    return request;
  }

  [[nodiscard]] Cgroup made() const {
    auto cgroup = Cgroup::create(request());
    EXPECT_TRUE(cgroup) << cgroup.error().message();
    return cgroup ? std::move(*cgroup) : Cgroup();
  }

  void make_by_hand() const {
    ::mkdir((hierarchies_.v2 + top_).c_str(), 0755);
    ASSERT_EQ(::mkdir((hierarchies_.v2 + top_ + "/c1").c_str(), 0755), 0);
  }

  std::string top_ = "/mycontainer-life-" + std::to_string(::getpid());
  Hierarchies hierarchies_;
};

TEST_F(Life, ByAPathIsInEveryHierarchyAndRemovedFromAll) {
  Cgroup cgroup = made();
  for (const std::string& mount : mounts()) EXPECT_TRUE(fs::exists(mount + top_ + "/c1")) << mount;
  EXPECT_EQ(cgroup.record().places.size(), mounts().size());
  EXPECT_TRUE(cgroup.remove());
}

TEST_F(Life, BelowARelativePathIsBelowTheTopForRoot) {
  CgroupRequest relative = request();
  relative.path.erase(0, 1);
  relative.every_hierarchy = false;
  auto cgroup = Cgroup::create(relative);
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  EXPECT_EQ(cgroup->path(), top_ + "/c1");
}

TEST_F(Life, TakesOverAnEmptyCgroupAndRemovesItAtTheEnd) {
  make_by_hand();
  ASSERT_EQ(::mkdir((hierarchies_.v2 + top_ + "/c1/below").c_str(), 0755), 0);
  { const Cgroup failed = made(); }  // a failed start leaves alone what it found
  EXPECT_TRUE(fs::exists(hierarchies_.v2 + top_ + "/c1/below"));
  Cgroup cgroup = made();
  EXPECT_TRUE(cgroup.remove());
}

TEST_F(Life, RefusesACgroupThatHoldsAProcessAlsoFurtherBelow) {
  make_by_hand();
  const std::string below = hierarchies_.v2 + top_ + "/c1/below";
  ASSERT_EQ(::mkdir(below.c_str(), 0755), 0);
  {
    const UniqueFd dir(::open(below.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const Born child(dir.get(), sleep_for_ever);
    const auto refused = Cgroup::create(request());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, EBUSY);
    EXPECT_EQ(
        refused.error().operation.rfind("container's cgroup is not empty: 1 process(es) found", 0),
        0u);
  }
  EXPECT_EQ(::rmdir(below.c_str()), 0);
  EXPECT_EQ(::rmdir((hierarchies_.v2 + top_ + "/c1").c_str()), 0);
}

TEST_F(Life, RefusesAFrozenCgroup) {
  make_by_hand();
  const std::string path = hierarchies_.v2 + top_ + "/c1";
  ASSERT_TRUE(sys::write_file_at(AT_FDCWD, path + "/cgroup.freeze", "1"));
  const auto refused = Cgroup::create(request());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().operation.find("is frozen"), std::string::npos);
  EXPECT_EQ(::rmdir(path.c_str()), 0);
}

TEST_F(Life, IsFoundAgainByItsRecordAndLeftAloneByTheFinder) {
  Cgroup cgroup = made();
  const CgroupRecord record = cgroup.record();
  cgroup.release();
  cgroup = Cgroup();
  {
    const auto found = Cgroup::reopen(record);
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_GE(found->dirfd(), 0);
  }
  auto again = Cgroup::reopen(record);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->record().places.size(), record.places.size());
  EXPECT_TRUE(again->kill_all());
  EXPECT_TRUE(again->remove());
  const auto gone = Cgroup::reopen(record);
  ASSERT_TRUE(gone) << gone.error().message();
  EXPECT_TRUE(gone->empty());
}

TEST_F(Life, CanBeGivenToAnotherUser) {
  Cgroup cgroup = made();
  const auto given = cgroup.give_to(12345);
  EXPECT_TRUE(given) << given.error().message();
  const auto owner_of = [&](const std::string& file) {
    struct stat status {};
    const std::string path = path_of(cgroup.record(), "") + file;
    return ::stat(path.c_str(), &status) == 0 ? status.st_uid : 1;
  };
  for (const char* file : {"", "/cgroup.procs", "/cgroup.threads", "/cgroup.subtree_control"}) {
    EXPECT_EQ(owner_of(file), 12345u) << file;
  }
  EXPECT_EQ(owner_of("/cgroup.freeze"), 0u);
  EXPECT_TRUE(cgroup.remove());
}

TEST_F(Life, LetsAChildWalkInThroughItsEntrances) {
  Cgroup cgroup = made();
  const auto reopened = Cgroup::reopen(cgroup.record());
  ASSERT_TRUE(reopened) << reopened.error().message();
  const auto entrances = reopened->entrances();
  ASSERT_TRUE(entrances) << entrances.error().message();
  EXPECT_EQ(entrances->size(), hierarchies_.v1.size());
  {
    Born child(cgroup.dirfd(), [&] {
      for (const UniqueFd& entrance : *entrances) {
        if (::write(entrance.get(), "0", 1) != 1) return 1;
      }
      return sleep_for_ever();
    });
    child.let_go();
    const std::string expected = top_ + "/c1\n";
    std::string seen;
    for (int wait = 0; wait < 1000; ++wait) {
      seen = own_cgroups(child.pid());
      std::size_t count = 0;
      for (std::size_t at = 0; (at = seen.find(expected, at)) != std::string::npos; ++at) ++count;
      if (count == mounts().size()) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    for (const V1Hierarchy& v1 : hierarchies_.v1) {
      EXPECT_NE(seen.find(v1.controllers.front() + ":" + expected), std::string::npos) << seen;
    }
  }
  EXPECT_TRUE(cgroup.remove());
}

TEST_F(Life, PausesResumesAndKillsWhatIsPaused) {
  Cgroup cgroup = made();
  {
    Born child(cgroup.dirfd(), sleep_for_ever);
    const auto paused = cgroup.pause();
    ASSERT_TRUE(paused) << paused.error().message();
    EXPECT_TRUE(cgroup.frozen().value());
    EXPECT_TRUE(cgroup.resume());
    EXPECT_FALSE(cgroup.frozen().value());
    ASSERT_TRUE(cgroup.pause());
    EXPECT_TRUE(cgroup.kill_all());
    EXPECT_EQ(child.wait(), 128 + SIGKILL);
  }
  EXPECT_TRUE(cgroup.remove());
}

TEST_F(Life, KillsWhatV1sFreezerHolds) {
  if (find_controller(hierarchies_, "freezer") == nullptr) GTEST_SKIP() << "needs v1's freezer";
  Cgroup cgroup = made();
  {
    Born child(cgroup.dirfd(), sleep_for_ever);
    ASSERT_TRUE(cgroup.move(child.pid()));
    Leaf leaf{Version::kV1,
              {"freezer"},
              find_controller(hierarchies_, "freezer")->mount_point,
              top_,
              "c1",
              {},
              {}};
    ASSERT_TRUE(open_leaf(leaf).value());
    EXPECT_FALSE(is_frozen(leaf).value());
    const auto frozen = freeze_leaf(leaf, std::chrono::seconds(5));
    ASSERT_TRUE(frozen) << frozen.error().message();
    EXPECT_TRUE(*frozen);
    EXPECT_TRUE(is_frozen(leaf).value());
    EXPECT_EQ(state_of(child.pid()), "D");
    const auto killed = cgroup.kill_all();
    EXPECT_TRUE(killed) << killed.error().message();
    EXPECT_EQ(child.wait(), 128 + SIGKILL);
  }
  EXPECT_TRUE(cgroup.remove());
}

TEST_F(Life, ListsAndSignalsAlsoWhatRunsFurtherBelow) {
  Cgroup cgroup = made();
  const std::string below = hierarchies_.v2 + top_ + "/c1/below";
  ASSERT_EQ(::mkdir(below.c_str(), 0755), 0);
  {
    const UniqueFd dir(::open(below.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    Born first(cgroup.dirfd(), sleep_for_ever), second(dir.get(), sleep_for_ever);
    const std::vector<pid_t> both{std::min(first.pid(), second.pid()),
                                  std::max(first.pid(), second.pid())};
    EXPECT_EQ(cgroup.processes().value(), both);
    EXPECT_TRUE(cgroup.signal_all(SIGUSR1));
    EXPECT_EQ(first.wait(), 128 + SIGUSR1);
    EXPECT_EQ(second.wait(), 128 + SIGUSR1);
    EXPECT_TRUE(cgroup.processes().value().empty());
  }
  EXPECT_TRUE(cgroup.remove());
}

TEST(Entrances, AreFasterThanMoves) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  CgroupRequest request;
  request.path = "/mycontainer-entrance-" + std::to_string(::getpid());
  request.every_hierarchy = true;
  auto cgroup = Cgroup::create(request);
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  if (!cgroup->needs_move()) GTEST_SKIP() << "needs cgroup v1";
  using Clock = std::chrono::steady_clock;
  const auto entrances = cgroup->entrances();
  ASSERT_TRUE(entrances) << entrances.error().message();
  const auto microseconds = [](Clock::duration time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
  };
  const auto walk_in = [&] {
    const auto begin = Clock::now();
    for (const UniqueFd& entrance : *entrances) {
      if (::write(entrance.get(), "0", 1) != 1) return -1L;
    }
    return microseconds(Clock::now() - begin);
  };
  constexpr int kRounds = 5;
  // Of a busy machine the best walk and the worst move tell what they cost by themselves.
  long walked = LONG_MAX, moved = 0;
  for (int round = 0; round < kRounds; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    {
      Born child(cgroup->dirfd(), [&] {
        const long time = walk_in();
        return ::write(ends[1], &time, sizeof(time)) == sizeof(time) ? 0 : 1;
      });
      child.let_go();
      long time = -1;
      ASSERT_EQ(::read(ends[0], &time, sizeof(time)), static_cast<ssize_t>(sizeof(time)));
      ASSERT_GE(time, 0);
      walked = std::min(walked, time);
      child.wait();
    }
    ::close(ends[0]);
    ::close(ends[1]);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // a move is dear after a pause
    const Born child(cgroup->dirfd(), sleep_for_ever);
    const auto begin = Clock::now();
    ASSERT_TRUE(cgroup->move(child.pid()));
    moved = std::max(moved, microseconds(Clock::now() - begin));
  }
  std::printf("[ MEASURED ] %zu hierarchies: entrances %ld us, move %ld us\n", entrances->size(),
              walked, moved);
  EXPECT_LT(walked, moved);
  EXPECT_TRUE(cgroup->remove());
}

}  // namespace
}  // namespace mycontainer::runtime::cgroup
