// For real: as root on a host with any kind of cgroups.
#include "runtime/cgroup/cgroup.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "reexec/sys/file.h"
#include "tests/unit/cgroup/born.h"

namespace mycontainer::runtime::cgroup {
namespace {

namespace fs = std::filesystem;

int sleep_for_ever() {
  while (true) ::pause();
}

// Every test works below a parent of its own, which must be empty at its end.
class RealCgroup : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    auto found = find_hierarchies();
    ASSERT_TRUE(found) << found.error().message();
    ASSERT_TRUE(find_v1(*found));
    for (const V1Hierarchy& v1 : found->v1) mounts_.push_back(v1.mount_point);
    if (!found->v2.empty()) mounts_.push_back(found->v2);
    has_v2_ = !found->v2.empty();
    if (mounts_.empty()) GTEST_SKIP() << "needs a cgroup filesystem";
  }

  void TearDown() override {
    EXPECT_EQ(leftovers(), std::vector<std::string>());
    for (const std::string& mount : mounts_) ::rmdir((mount + parent_).c_str());
  }

  [[nodiscard]] std::vector<std::string> leftovers() const {
    std::vector<std::string> found;
    for (const std::string& mount : mounts_) {
      if (!fs::exists(mount + parent_)) continue;
      for (const auto& entry : fs::directory_iterator(mount + parent_)) {
        if (entry.is_directory()) found.push_back(entry.path());
      }
    }
    return found;
  }

  [[nodiscard]] Result<Cgroup> create(const oci::Resources& resources = {},
                                      const std::string& id = "c1") const {
    return Cgroup::create({id, parent_, resources, false});
  }

  std::string parent_ = "/mycontainer-test-" + std::to_string(::getpid());
  std::vector<std::string> mounts_;
  bool has_v2_ = false;
};

std::string own_cgroups(pid_t pid) {
  const auto text = sys::read_file_at(AT_FDCWD, "/proc/" + std::to_string(pid) + "/cgroup");
  return text ? *text : text.error().message();
}

oci::Resources pids(std::int64_t limit) {
  oci::Resources resources;
  resources.pids_limit = limit;
  return resources;
}

TEST_F(RealCgroup, IsWhereTheProcessIsBorn) {
  if (!has_v2_) GTEST_SKIP() << "needs cgroup v2";
  auto cgroup = create();
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  EXPECT_FALSE(cgroup->needs_move());
  EXPECT_EQ(cgroup->path(), parent_ + "/c1");
  {
    const Born child(cgroup->dirfd(), sleep_for_ever);
    ASSERT_GT(child.pid(), 0);
    EXPECT_NE(own_cgroups(child.pid()).find("0::" + parent_ + "/c1\n"), std::string::npos);
  }
  EXPECT_TRUE(cgroup->remove());
}

TEST_F(RealCgroup, IsGoneWhenTheStartWasGivenUp) {
  auto cgroup = create(pids(5));
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  EXPECT_FALSE(leftovers().empty());
  *cgroup = Cgroup();
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(RealCgroup, OfATakenNameIsRefusedAndTheFirstIsLeftAlone) {
  auto first = create();
  ASSERT_TRUE(first) << first.error().message();
  const auto second = create();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, EEXIST);
  EXPECT_FALSE(leftovers().empty());
  EXPECT_TRUE(first->remove());
}

TEST_F(RealCgroup, LimitsTheNumberOfProcesses) {
  auto cgroup = create(pids(3));
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  Born child(cgroup->dirfd(), [] {
    int started = 0;
    for (int i = 0; i < 10; ++i) {
      const pid_t pid = ::fork();
      if (pid == 0) ::_exit(sleep_for_ever());
      if (pid > 0) ++started;
    }
    return started;
  });
  const auto moved = cgroup->move(child.pid());
  ASSERT_TRUE(moved) << moved.error().message();
  child.let_go();
  EXPECT_EQ(child.wait(), 2);
  EXPECT_TRUE(cgroup->kill_all());
  const auto removed = cgroup->remove();
  EXPECT_TRUE(removed) << removed.error().message();
}

TEST_F(RealCgroup, CountsWhatTheKernelKilledForWantOfMemory) {
  oci::Resources resources;
  resources.memory.emplace();
  resources.memory->limit = 64 << 20;
  resources.memory->swap = 64 << 20;
  auto cgroup = create(resources);
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  EXPECT_EQ(cgroup->oom_kills(), 0u);
  Born child(cgroup->dirfd(), [] {
    constexpr std::size_t kSize = 128 << 20;
    void* memory = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    return memory == MAP_FAILED ? 1 : 0;
  });
  ASSERT_TRUE(cgroup->move(child.pid()));
  child.let_go();
  EXPECT_EQ(child.wait(), 128 + SIGKILL);
  EXPECT_EQ(cgroup->oom_kills(), 1u);
  EXPECT_TRUE(cgroup->remove());
}

TEST_F(RealCgroup, KeepsCpusAndTheCpuShare) {
  oci::Resources resources;
  resources.cpu.emplace();
  resources.cpu->cpus = "0";
  resources.cpu->shares = 512;
  resources.cpu->quota = 50000;
  resources.cpu->period = 100000;
  auto cgroup = create(resources);
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  Born child(cgroup->dirfd(), [] {
    cpu_set_t set;
    return ::sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 99;
  });
  const auto moved = cgroup->move(child.pid());
  ASSERT_TRUE(moved) << moved.error().message();
  child.let_go();
  EXPECT_EQ(child.wait(), 1);
  EXPECT_TRUE(cgroup->remove());
}

TEST_F(RealCgroup, RefusesACpuThatIsNotThereAndLeavesNothing) {
  oci::Resources resources = pids(7);
  resources.cpu.emplace();
  resources.cpu->cpus = "65000";
  const auto cgroup = create(resources);
  ASSERT_FALSE(cgroup);
  EXPECT_NE(cgroup.error().operation.find("--cpuset-cpus 65000"), std::string::npos)
      << cgroup.error().message();
  for (const std::string& mount : mounts_) EXPECT_FALSE(fs::exists(mount + parent_)) << mount;
}

TEST_F(RealCgroup, KillsAWholeTreeOfProcessesAndSubCgroups) {
  auto cgroup = create();
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  Born child(cgroup->dirfd(), [] {
    if (::fork() == 0) ::setsid();
    ::fork();
    ::fork();
    return sleep_for_ever();
  });
  ASSERT_TRUE(cgroup->move(child.pid()));
  const std::string mount = has_v2_ ? mounts_.back() : mounts_.front();
  if (has_v2_) {
    ASSERT_EQ(::mkdir((mount + cgroup->path() + "/sub").c_str(), 0755), 0);
    ASSERT_EQ(::mkdir((mount + cgroup->path() + "/sub/sub").c_str(), 0755), 0);
  }
  child.let_go();
  ::usleep(20000);
  EXPECT_TRUE(cgroup->kill_all());
  EXPECT_EQ(child.wait(), 128 + SIGKILL);
  const auto removed = cgroup->remove();
  EXPECT_TRUE(removed) << removed.error().message();
}

TEST_F(RealCgroup, IsNotRemovedWhileSomethingRunsInItAndSaysWhat) {
  auto cgroup = create();
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  {
    const Born child(cgroup->dirfd(), sleep_for_ever);
    ASSERT_TRUE(cgroup->move(child.pid()));
    const auto refused = cgroup->remove(std::chrono::milliseconds(30));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().operation,
              "cgroup " + parent_ + "/c1 still holds 1 processes: " + std::to_string(child.pid()));
  }
  EXPECT_TRUE(cgroup->remove());
}

TEST_F(RealCgroup, WaitsForTheLastProcessBeforeItIsRemoved) {
  auto cgroup = create();
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  Born child(cgroup->dirfd(), [] {
    ::usleep(100000);
    return 0;
  });
  ASSERT_TRUE(cgroup->move(child.pid()));
  child.let_go();
  std::thread reaper([&] { EXPECT_EQ(child.wait(), 0); });
  const auto removed = cgroup->remove();
  EXPECT_TRUE(removed) << removed.error().message();
  reaper.join();
}

TEST_F(RealCgroup, OfADeadSupervisorIsFoundByNameKilledAndRemoved) {
  Born child(-1, sleep_for_ever);
  {
    auto cgroup = create(pids(5));
    ASSERT_TRUE(cgroup) << cgroup.error().message();
    const std::string pid = std::to_string(child.pid());
    if (cgroup->dirfd() >= 0) {
      ASSERT_TRUE(sys::write_file_at(cgroup->dirfd(), "cgroup.procs", pid));
    }
    ASSERT_TRUE(cgroup->move(child.pid()));
    cgroup->release();
  }
  EXPECT_FALSE(leftovers().empty());
  const auto removed = Cgroup::remove_stale("c1", parent_, false);
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_EQ(child.wait(), 128 + SIGKILL);
}

TEST_F(RealCgroup, ThatIsNotThereIsNoStaleOne) {
  EXPECT_TRUE(Cgroup::remove_stale("c1", parent_, false));
  const auto none = Cgroup::open("c1", parent_, false);
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
}

TEST_F(RealCgroup, IsOpenedAgainByItsName) {
  auto cgroup = create(pids(5));
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  {
    const auto again = Cgroup::open("c1", parent_, false);
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(again->path(), cgroup->path());
    EXPECT_EQ(again->needs_move(), cgroup->needs_move());
  }
  EXPECT_TRUE(cgroup->remove());
}

// 1:3 null may be read; 1:5 zero may not; no node but a character one may be made.
TEST_F(RealCgroup, LetsOnlyTheListedDevicesBeOpened) {
  oci::Resources resources;
  resources.devices = {{.allow = false, .type = "a", .major = {}, .minor = {}, .access = "rwm"},
                       {.allow = true, .type = "c", .major = {}, .minor = {}, .access = "m"},
                       {.allow = true, .type = "c", .major = 1, .minor = 3, .access = "rw"}};
  auto cgroup = create(resources);
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  ASSERT_TRUE(cgroup->limit_devices({"c1", parent_, resources, false}));
  Born child(cgroup->dirfd(), [] {
    const bool null_opens = ::open("/dev/null", O_RDWR | O_CLOEXEC) >= 0;
    const bool zero_opens = ::open("/dev/zero", O_RDONLY | O_CLOEXEC) >= 0;
    const std::string node = "/tmp/cgroup-test-node-" + std::to_string(::getpid());
    const bool makes_block = ::mknod(node.c_str(), S_IFBLK | 0600, makedev(8, 0)) == 0;
    if (makes_block) ::unlink(node.c_str());
    const bool makes_char = ::mknod(node.c_str(), S_IFCHR | 0600, makedev(1, 5)) == 0;
    if (makes_char) ::unlink(node.c_str());
    return null_opens + 2 * zero_opens + 4 * makes_block + 8 * makes_char;
  });
  ASSERT_TRUE(cgroup->move(child.pid()));
  child.let_go();
  EXPECT_EQ(child.wait(), 1 + 8);
  EXPECT_TRUE(cgroup->remove());
}

TEST_F(RealCgroup, IsMadeByManyAtOnceBelowOneNewParent) {
  constexpr int kMakers = 16;
  std::vector<std::string> errors(kMakers);
  {
    std::vector<std::jthread> makers;
    for (int i = 0; i < kMakers; ++i) {
      makers.emplace_back([&, i] {
        auto cgroup = create(pids(9), "c" + std::to_string(i));
        if (!cgroup) {
          errors[static_cast<std::size_t>(i)] = cgroup.error().message();
        } else if (const auto removed = cgroup->remove(); !removed) {
          errors[static_cast<std::size_t>(i)] = removed.error().message();
        }
      });
    }
  }
  EXPECT_EQ(errors, std::vector<std::string>(kMakers));
}

TEST_F(RealCgroup, IsShownToTheContainerAsTheHierarchiesThatItUses) {
  auto plain = create();
  ASSERT_TRUE(plain) << plain.error().message();
  if (has_v2_) {
    ASSERT_EQ(plain->mounts().size(), 1u);
    EXPECT_EQ(plain->mounts()[0].destination, "/sys/fs/cgroup");
    EXPECT_EQ(plain->mounts()[0].type, "cgroup2");
  }
  EXPECT_TRUE(plain->remove());
  auto limited = create(pids(5));
  ASSERT_TRUE(limited) << limited.error().message();
  const std::vector<oci::Mount> mounts = limited->mounts();
  if (limited->needs_move()) {
    EXPECT_EQ(mounts.front().type, "tmpfs");
    EXPECT_TRUE(std::ranges::any_of(mounts, [](const oci::Mount& mount) {
      return mount.type == "cgroup" && std::ranges::count(mount.options, "pids") == 1;
    }));
  } else {
    EXPECT_EQ(mounts.size(), 1u);
  }
  EXPECT_TRUE(limited->remove());
}

// An ordinary user's whole life of a cgroup; the value is 0 or the step that went wrong.
int use_as_ordinary_user() {
  constexpr uid_t kNobody = 65534;
  if (::setgroups(0, nullptr) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0) return 1;
  auto cgroup = Cgroup::create({"c1", "", {}, true});
  if (!cgroup) return 2;
  if (cgroup->empty()) return 3;
  Born child(cgroup->dirfd(), sleep_for_ever);
  if (own_cgroups(child.pid()).find("/mycontainer/c1\n") == std::string::npos) return 4;
  if (!cgroup->kill_all() || child.wait() != 128 + SIGKILL) return 5;
  if (!cgroup->remove()) return 6;
  return 0;
}

// Gives the cgroup to nobody, as systemd does with Delegate=yes.
void delegate(const std::string& path) {
  for (const char* file : {"", "/cgroup.procs", "/cgroup.subtree_control", "/cgroup.threads"}) {
    ASSERT_EQ(::chown((path + file).c_str(), 65534, 65534), 0) << path << file;
  }
}

TEST_F(RealCgroup, OfAnOrdinaryUserIsBelowWhatWasDelegated) {
  if (!has_v2_) GTEST_SKIP() << "needs cgroup v2";
  const std::string delegated = mounts_.back() + parent_;
  const std::string own = delegated + "/own";
  ASSERT_EQ(::mkdir(delegated.c_str(), 0755), 0);
  ASSERT_EQ(::mkdir(own.c_str(), 0755), 0);
  delegate(delegated);
  delegate(own);
  {
    const UniqueFd dir(::open(own.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    Born user(dir.get(), use_as_ordinary_user);
    user.let_go();
    EXPECT_EQ(user.wait(), 0);
  }
  EXPECT_EQ(::rmdir(own.c_str()), 0);
  EXPECT_EQ(::rmdir((delegated + "/mycontainer").c_str()), 0);
}

TEST_F(RealCgroup, OfAnOrdinaryUserIsEmptyWhenNothingWasDelegatedAndNothingAskedFor) {
  Born user(-1, [] {
    if (::setuid(65534) != 0) return 1;
    const auto cgroup = Cgroup::create({"c1", "", {}, true});
    if (!cgroup) return 2;
    return cgroup->empty() && cgroup->dirfd() == -1 && !cgroup->needs_move() ? 0 : 3;
  });
  user.let_go();
  EXPECT_EQ(user.wait(), 0);
}

TEST_F(RealCgroup, OfAnOrdinaryUserWithoutDelegationRefusesALimitByItsFlag) {
  Born user(-1, [] {
    if (::setuid(65534) != 0) return 1;
    const auto cgroup = Cgroup::create({"c1", "", pids(5), true});
    if (cgroup) return 2;
    if (!cgroup.error().operation.starts_with("--pids-limit needs")) {
      ::dprintf(2, "%s\n", cgroup.error().message().c_str());
      return 3;
    }
    return 0;
  });
  user.let_go();
  EXPECT_EQ(user.wait(), 0);
}

}  // namespace
}  // namespace mycontainer::runtime::cgroup
