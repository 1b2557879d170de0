// For real: limits of a running container are changed, as root on any kind of host.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <fstream>
#include <sstream>

#include "runtime/cgroup/cgroup.h"
#include "tests/unit/cgroup/born.h"

namespace mycontainer::runtime::cgroup {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

class Update : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    CgroupRequest request;
    request.path = "/mycontainer-update-" + std::to_string(::getpid());
    request.every_hierarchy = true;
    auto made = Cgroup::create(request);
    ASSERT_TRUE(made) << made.error().message();
    cgroup_ = std::move(*made);
    record_ = cgroup_.record();
  }
  void TearDown() override {
    const auto removed = cgroup_.remove();
    EXPECT_TRUE(removed) << removed.error().message();
  }

  // The content of the file that keeps the limit here: v1's or v2's.
  [[nodiscard]] std::string value(const std::string& controller, const std::string& v1_file,
                                  const std::string& v2_file) const {
    const std::string directory = path_of(record_, controller);
    for (const std::string& file : {v1_file, v2_file}) {
      std::ifstream stream(directory + "/" + file);
      std::ostringstream text;
      if (stream) text << stream.rdbuf();
      const std::string content = text.str();
      if (stream) return content.substr(0, content.find_last_not_of('\n') + 1);
    }
    return "no file";
  }
  [[nodiscard]] std::string memory_limit() const {
    return value("memory", "memory.limit_in_bytes", "memory.max");
  }
  [[nodiscard]] bool has_v1(const std::string& controller) const {
    return path_of(record_, controller) != path_of(record_, "");
  }

  [[nodiscard]] std::string update(const oci::Resources& resources) const {
    const auto updated = cgroup_.update(resources);
    return updated ? "ok" : updated.error().message();
  }
  [[nodiscard]] std::string update_memory(std::int64_t limit, std::int64_t swap) const {
    oci::Resources resources;
    resources.memory.emplace();
    if (limit != 0) resources.memory->limit = limit;
    if (swap != 0) resources.memory->swap = swap;
    return update(resources);
  }
  [[nodiscard]] std::string update_cpu(std::optional<std::int64_t> quota,
                                       std::optional<std::uint64_t> period) const {
    oci::Resources resources;
    resources.cpu.emplace();
    resources.cpu->quota = quota;
    resources.cpu->period = period;
    return update(resources);
  }

  Cgroup cgroup_;
  CgroupRecord record_;
};

TEST_F(Update, RaisesAndLowersMemoryAndSwapTogether) {
  EXPECT_EQ(update_memory(64 * kMiB, 64 * kMiB), "ok");
  EXPECT_EQ(memory_limit(), std::to_string(64 * kMiB));
  EXPECT_EQ(update_memory(256 * kMiB, 512 * kMiB), "ok");
  EXPECT_EQ(memory_limit(), std::to_string(256 * kMiB));
  EXPECT_EQ(update_memory(32 * kMiB, 48 * kMiB), "ok");
  EXPECT_EQ(memory_limit(), std::to_string(32 * kMiB));
  EXPECT_EQ(value("memory", "memory.memsw.limit_in_bytes", "memory.swap.max"),
            std::to_string((has_v1("memory") ? 48 : 16) * kMiB));
}

TEST_F(Update, ChangesSwapAloneAgainstThePresentLimit) {
  EXPECT_EQ(update_memory(64 * kMiB, 64 * kMiB), "ok");
  EXPECT_EQ(update_memory(0, 96 * kMiB), "ok");
  EXPECT_EQ(memory_limit(), std::to_string(64 * kMiB));
  EXPECT_EQ(value("memory", "memory.memsw.limit_in_bytes", "memory.swap.max"),
            std::to_string((has_v1("memory") ? 96 : 32) * kMiB));
}

TEST_F(Update, TakesTheMemoryLimitOffAndSwapsWithIt) {
  EXPECT_EQ(update_memory(64 * kMiB, 64 * kMiB), "ok");
  EXPECT_EQ(update_memory(-1, 0), "ok");
  EXPECT_EQ(memory_limit(), has_v1("memory") ? "9223372036854771712" : "max");
}

TEST_F(Update, WithACheckRefusesAMemoryLimitBelowWhatIsUsed) {
  Born child(cgroup_.dirfd(), []() -> int {
    const std::vector<char> block(16 << 20, 'x');
    while (true) ::usleep(static_cast<useconds_t>(10000 + block[5]));
  });
  ASSERT_TRUE(cgroup_.move(child.pid()));
  child.let_go();
  const auto used = [&] {
    return std::stoll(value("memory", "memory.usage_in_bytes", "memory.current"));
  };
  if (value("memory", "memory.usage_in_bytes", "memory.current") == "no file") {
    ASSERT_EQ(update_memory(512 * kMiB, 0), "ok");  // gives v2 the controller
  }
  for (int wait = 0; wait < 500 && used() < 8 * kMiB; ++wait) ::usleep(10000);
  oci::Resources resources;
  resources.memory.emplace();
  resources.memory->limit = 4 * kMiB;
  resources.memory->check_before_update = true;
  const std::string refusal = update(resources);
  EXPECT_EQ(refusal.rfind("linux.resources.memory.limit 4194304: the container uses ", 0), 0u)
      << refusal;
}

TEST_F(Update, ChangesQuotaAndPeriodAloneAndTogether) {
  const auto now = [&] {
    return has_v1("cpu") ? value("cpu", "cpu.cfs_quota_us", "cpu.cfs_quota_us") + " " +
                               value("cpu", "cpu.cfs_period_us", "cpu.cfs_period_us")
                         : value("cpu", "cpu.max", "cpu.max");
  };
  EXPECT_EQ(update_cpu(50000, 200000), "ok");
  EXPECT_EQ(now(), "50000 200000");
  EXPECT_EQ(update_cpu(10000, {}), "ok");
  EXPECT_EQ(now(), "10000 200000");
  EXPECT_EQ(update_cpu({}, 50000), "ok");
  EXPECT_EQ(now(), "10000 50000");
  EXPECT_EQ(update_cpu(-1, {}), "ok");
  EXPECT_EQ(now(), (has_v1("cpu") ? "-1" : "max") + std::string(" 50000"));
}

TEST_F(Update, WidensTheCpusAgain) {
  oci::Resources resources;
  resources.cpu.emplace();
  if (::sysconf(_SC_NPROCESSORS_ONLN) < 2) GTEST_SKIP() << "needs two processors";
  resources.cpu->cpus = "0";
  EXPECT_EQ(update(resources), "ok");
  EXPECT_EQ(value("cpuset", "cpuset.cpus", "cpuset.cpus"), "0");
  resources.cpu->cpus = "0-1";
  EXPECT_EQ(update(resources), "ok");
  EXPECT_EQ(value("cpuset", "cpuset.cpus", "cpuset.cpus"), "0-1");
}

TEST_F(Update, ChangesOnlyWhatIsSet) {
  oci::Resources resources;
  resources.pids_limit = 9;
  EXPECT_EQ(update(resources), "ok");
  EXPECT_EQ(update_cpu(50000, 100000), "ok");
  EXPECT_EQ(value("pids", "pids.max", "pids.max"), "9");
  resources.pids_limit = -1;
  EXPECT_EQ(update(resources), "ok");
  EXPECT_EQ(value("pids", "pids.max", "pids.max"), "max");
  EXPECT_EQ(update({}), "ok");
}

TEST_F(Update, NamesThePropertyThatThisHostCannotKeep) {
  if (!has_v1("memory")) GTEST_SKIP() << "needs v1's memory controller";
  oci::Resources resources;
  resources.unified["memory.high"] = "1";
  EXPECT_EQ(update(resources),
            "linux.resources.unified[\"memory.high\"] 1: cgroup v1 has no such limit");
}

// Exit status: 1 for a readable /dev/null, 2 for a readable /dev/zero.
int readable_devices() {
  int readable = 0;
  for (const auto& [path, bit] : {std::pair("/dev/null", 1), std::pair("/dev/zero", 2)}) {
    const UniqueFd device(::open(path, O_RDONLY | O_CLOEXEC));
    if (device) readable += bit;
  }
  return readable;
}

TEST_F(Update, ReplacesAllDeviceRules) {
  const auto allow_zero_or_null = [](std::int64_t minor) {
    oci::Resources resources;
    resources.devices = {{.allow = false, .type = {}, .major = {}, .minor = {}, .access = "rwm"},
                         {.allow = true, .type = "c", .major = 1, .minor = minor, .access = "rwm"}};
    return resources;
  };
  for (const auto& [minor, readable] : {std::pair(3, 1), std::pair(5, 2), std::pair(3, 1)}) {
    EXPECT_EQ(update(allow_zero_or_null(minor)), "ok");
    Born child(cgroup_.dirfd(), readable_devices);
    ASSERT_TRUE(cgroup_.move(child.pid()));
    child.let_go();
    EXPECT_EQ(child.wait(), readable);
  }
}

}  // namespace
}  // namespace mycontainer::runtime::cgroup
