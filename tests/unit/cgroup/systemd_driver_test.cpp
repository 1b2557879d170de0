// For real: on a host with systemd and cgroup v2, as root or as an ordinary user.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/cgroup/cgroup.h"
#include "tests/unit/cgroup/born.h"
#include "tests/unit/cgroup/support.h"

namespace mycontainer::runtime::cgroup {
namespace {

namespace fs = std::filesystem;

int sleep_for_ever() {
  while (true) ::pause();
}

class Systemd : public testing::Test {
 protected:
  void SetUp() override {
    const auto found = find_hierarchies();
    ASSERT_TRUE(found) << found.error().message();
    if (!fs::exists("/run/systemd/system")) GTEST_SKIP() << "needs systemd";
    if (!found->pure_v2) GTEST_SKIP() << "needs cgroup v2 alone";
  }

  [[nodiscard]] CgroupRequest request(const std::string& slice = "") const {
    CgroupRequest request;
    request.id = name_;
    request.path = slice + ":mytest:" + name_;
    request.driver = Driver::kSystemd;
    request.naming = Naming::kProperties;
    request.rootless = ::geteuid() != 0;
    request.resources.memory.emplace();
    request.resources.memory->limit = 64 << 20;
    request.resources.pids_limit = 20;
    return request;
  }

  [[nodiscard]] static std::string value(const Cgroup& cgroup, const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(path_of(cgroup.record(), "") + "/" + file).rdbuf();
    const std::string content = text.str();
    return content.substr(0, content.find_last_not_of('\n') + 1);
  }

  // What systemd itself says about the unit.
  [[nodiscard]] static std::string property(const Cgroup& cgroup, const std::string& name) {
    const CgroupRecord record = cgroup.record();
    const std::string command = std::string("systemctl ") + (record.user_bus ? "--user " : "") +
                                "show --value -p " + name + " " + record.unit;
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "re"), ::pclose);
    char line[256] = "";
    if (pipe == nullptr || std::fgets(line, sizeof(line), pipe.get()) == nullptr) return "nothing";
    std::string text = line;
    return text.substr(0, text.find('\n'));
  }

  std::string name_ = "c" + std::to_string(::getpid());
};

TEST_F(Systemd, PutsTheProcessIntoAScopeWithItsLimits) {
  Born child(-1, sleep_for_ever);
  auto cgroup = Cgroup::adopt_by_systemd(request(), child.pid());
  ASSERT_TRUE(cgroup) << cgroup.error().message() << " " << cgroup.error().hint;
  const CgroupRecord record = cgroup->record();
  EXPECT_EQ(record.unit, "mytest-" + name_ + ".scope");
  EXPECT_EQ(record.user_bus, ::geteuid() != 0);
  EXPECT_TRUE(cgroup->path().ends_with("/mytest-" + name_ + ".scope")) << cgroup->path();
  EXPECT_EQ(cgroup->processes().value(), std::vector<pid_t>{child.pid()});
  EXPECT_EQ(value(*cgroup, "memory.max"), std::to_string(64 << 20));
  EXPECT_EQ(value(*cgroup, "pids.max"), "20");
  EXPECT_EQ(property(*cgroup, "MemoryMax"), std::to_string(64 << 20));
  EXPECT_EQ(property(*cgroup, "Delegate"), "yes");
  auto again = Cgroup::reopen(record);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_TRUE(again->pause());
  EXPECT_TRUE(again->frozen().value());
  EXPECT_TRUE(again->kill_all());
  EXPECT_EQ(child.wait(), 128 + SIGKILL);
  const auto removed = again->remove();
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_FALSE(fs::exists(path_of(record, "")));
  EXPECT_NE(property(*cgroup, "ActiveState"), "active");
}

TEST_F(Systemd, TakesTheSameNameAgainAtOnce) {
  for (int round = 0; round < 3; ++round) {
    Born child(-1, sleep_for_ever);
    auto cgroup = Cgroup::adopt_by_systemd(request(), child.pid());
    ASSERT_TRUE(cgroup) << cgroup.error().message();
    EXPECT_TRUE(cgroup->kill_all());
    child.wait();
    const auto removed = cgroup->remove();
    ASSERT_TRUE(removed) << removed.error().message();
  }
}

TEST_F(Systemd, RefusesANameThatIsInUse) {
  Born first(-1, sleep_for_ever), second(-1, sleep_for_ever);
  auto cgroup = Cgroup::adopt_by_systemd(request(), first.pid());
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  const auto refused = Cgroup::adopt_by_systemd(request(), second.pid());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().operation.find("UnitExists"), std::string::npos)
      << refused.error().message();
  EXPECT_EQ(cgroup->processes().value(), std::vector<pid_t>{first.pid()});
  EXPECT_TRUE(cgroup->kill_all());
  first.wait();
  EXPECT_TRUE(cgroup->remove());
}

TEST_F(Systemd, UpdatesTheUnitTooSoThatAReloadKeepsIt) {
  Born child(-1, sleep_for_ever);
  auto cgroup = Cgroup::adopt_by_systemd(request(), child.pid());
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  oci::Resources resources;
  resources.memory.emplace();
  resources.memory->limit = 96 << 20;
  resources.pids_limit = -1;
  const auto updated = cgroup->update(resources);
  EXPECT_TRUE(updated) << updated.error().message();
  EXPECT_EQ(value(*cgroup, "memory.max"), std::to_string(96 << 20));
  EXPECT_EQ(value(*cgroup, "pids.max"), "max");
  EXPECT_EQ(property(*cgroup, "MemoryMax"), std::to_string(96 << 20));
  EXPECT_EQ(property(*cgroup, "TasksMax"), "infinity");
  EXPECT_TRUE(cgroup->kill_all());
  child.wait();
  EXPECT_TRUE(cgroup->remove());
}

TEST_F(Systemd, NestsSlicesByTheirDashes) {
  Born child(-1, sleep_for_ever);
  auto cgroup = Cgroup::adopt_by_systemd(request("mytest-inner.slice"), child.pid());
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  EXPECT_NE(cgroup->path().find("/mytest.slice/mytest-inner.slice/mytest-"), std::string::npos)
      << cgroup->path();
  EXPECT_TRUE(cgroup->kill_all());
  child.wait();
  EXPECT_TRUE(cgroup->remove());
}

TEST_F(Systemd, AFailedStartLeavesNoUnit) {
  std::string directory;
  {
    const Born child(-1, sleep_for_ever);
    const auto cgroup = Cgroup::adopt_by_systemd(request(), child.pid());
    ASSERT_TRUE(cgroup) << cgroup.error().message();
    directory = path_of(cgroup->record(), "");
  }
  for (int wait = 0; wait < 1000 && fs::exists(directory); ++wait) ::usleep(10000);
  EXPECT_FALSE(fs::exists(directory));
}

TEST_F(Systemd, StatisticsAndDeviceRulesWorkInAScope) {
  Born child(-1, sleep_for_ever);
  CgroupRequest asked = request();
  asked.resources.devices = {
      {.allow = false, .type = {}, .major = {}, .minor = {}, .access = "rwm"}};
  auto cgroup = Cgroup::adopt_by_systemd(asked, child.pid());
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  const auto limited = cgroup->limit_devices(asked);
  EXPECT_TRUE(limited) << limited.error().message();
  const auto stats = cgroup->stats();
  ASSERT_TRUE(stats) << stats.error().message();
  EXPECT_EQ(stats->pids.current, 1u);
  EXPECT_EQ(stats->pids.limit, 20u);
  EXPECT_EQ(stats->memory.usage.limit, 64u << 20);
  EXPECT_TRUE(cgroup->kill_all());
  child.wait();
  EXPECT_TRUE(cgroup->remove());
}

// Where podman runs us for an ordinary user.
TEST_F(Systemd, AnswersAlsoFromWithinAUserNamespace) {
  if (::geteuid() == 0) GTEST_SKIP() << "needs an ordinary user";
  Born child(-1, [this] {
    const std::string map = "0 " + std::to_string(::geteuid()) + " 1";
    if (::unshare(CLONE_NEWUSER) != 0) return 1;
    if (!sys::write_file_at(AT_FDCWD, "/proc/self/uid_map", map)) return 2;
    if (::geteuid() != 0) return 3;
    Born inner(-1, sleep_for_ever);
    CgroupRequest asked = request();
    asked.rootless = true;
    auto cgroup = Cgroup::adopt_by_systemd(asked, inner.pid());
    if (!cgroup) {
      ::dprintf(2, "%s\n", cgroup.error().message().c_str());
      return 4;
    }
    std::ignore = cgroup->kill_all();
    inner.wait();
    return cgroup->remove() ? 0 : 5;
  });
  child.let_go();
  EXPECT_EQ(child.wait(), 0);
}

TEST_F(Systemd, AnswersAlsoOverTheUsersBus) {
  if (::geteuid() == 0) GTEST_SKIP() << "needs an ordinary user";
  const std::string bus = "/run/user/" + std::to_string(::geteuid()) + "/bus";
  if (!fs::exists(bus)) GTEST_SKIP() << "needs a session bus";
  const TemporaryTree tree;
  fs::create_symlink(bus, tree.path("bus"));
  Born child(-1, [&] {
    ::setenv("XDG_RUNTIME_DIR", tree.path("").c_str(), 1);
    ::unsetenv("DBUS_SESSION_BUS_ADDRESS");
    Born inner(-1, sleep_for_ever);
    auto cgroup = Cgroup::adopt_by_systemd(request(), inner.pid());
    if (!cgroup) {
      ::dprintf(2, "%s\n", cgroup.error().message().c_str());
      return 1;
    }
    std::ignore = cgroup->kill_all();
    inner.wait();
    return cgroup->remove() ? 0 : 2;
  });
  child.let_go();
  EXPECT_EQ(child.wait(), 0);
}

TEST(SystemdDriver, SaysInOneLineThatItCannotWorkHere) {
  const auto found = find_hierarchies();
  ASSERT_TRUE(found) << found.error().message();
  if (found->pure_v2 && fs::exists("/run/systemd/system")) GTEST_SKIP() << "systemd runs here";
  Born child(-1, sleep_for_ever);
  CgroupRequest request;
  request.path = ":a:b";
  const auto refused = Cgroup::adopt_by_systemd(request, child.pid());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().operation.rfind("the systemd cgroup driver needs ", 0), 0u);
  EXPECT_FALSE(refused.error().hint.empty());
}

}  // namespace
}  // namespace mycontainer::runtime::cgroup
