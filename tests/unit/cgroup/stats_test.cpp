#include <fcntl.h>
#include <gtest/gtest.h>

#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/stats_files.h"
#include "tests/unit/cgroup/born.h"
#include "tests/unit/cgroup/support.h"

namespace mycontainer::runtime::cgroup {
namespace {

Leaf leaf_in(const TemporaryTree& tree, Version version,
             std::vector<std::string> controllers = {}) {
  Leaf leaf;
  leaf.version = version;
  leaf.controllers = std::move(controllers);
  leaf.dir.reset(::open(tree.path("").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return leaf;
}

std::string shown(const std::vector<BlkioEntry>& entries) {
  std::string text;
  for (const BlkioEntry& entry : entries) {
    text += fmt::format("{}:{} {} {};", entry.major, entry.minor, entry.op, entry.value);
  }
  return text;
}

TEST(StatsFiles, ReadCountsAndTakeNoGarbage) {
  EXPECT_EQ(parse_count("42"), 42u);
  EXPECT_EQ(parse_count("max"), kNoLimit);
  EXPECT_FALSE(parse_count(""));
  EXPECT_FALSE(parse_count("4x"));
  EXPECT_FALSE(parse_count("-1"));
  const auto counts = parse_counts("a 1\nb\nc x\nd 2");
  EXPECT_EQ(counts, (std::map<std::string, std::uint64_t>{{"a", 1}, {"d", 2}}));
}

TEST(StatsFiles, ReadPressure) {
  const auto pressure = parse_pressure(
      "some avg10=1.50 avg60=0.25 avg300=0.00 total=77\n"
      "full avg10=0.00 avg60=0.00 avg300=3.00 total=5\n");
  ASSERT_TRUE(pressure);
  EXPECT_DOUBLE_EQ(pressure->some.avg10, 1.5);
  EXPECT_DOUBLE_EQ(pressure->some.avg60, 0.25);
  EXPECT_EQ(pressure->some.total, 77u);
  EXPECT_DOUBLE_EQ(pressure->full.avg300, 3);
  EXPECT_FALSE(parse_pressure(""));
}

TEST(StatsFiles, ReadBlkioAndLeaveTheSumOut) {
  EXPECT_EQ(shown(parse_blkio("8:0 Read 1\n8:0 Write 2\n8:16 7\nTotal 10\n")),
            "8:0 Read 1;8:0 Write 2;8:16  7;");
}

TEST(StatsOfV2, AreWhatV1WouldCallThem) {
  const TemporaryTree tree;
  tree.write("cpu.stat",
             "usage_usec 3000\nuser_usec 2000\nsystem_usec 1000\nnr_periods 5\nnr_throttled 2\n"
             "throttled_usec 9\n");
  tree.write("cpu.pressure", "some avg10=0.50 avg60=0.00 avg300=0.00 total=1\n");
  tree.write("cpuset.cpus.effective", "0-2\n");
  tree.write("cpuset.mems.effective", "0\n");
  tree.write("memory.stat", "anon 1\nfile 4096\nkernel 77\nsock 8\n");
  tree.write("memory.max", "1000\n");
  tree.write("memory.current", "600\n");
  tree.write("memory.peak", "900\n");
  tree.write("memory.events", "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\n");
  tree.write("memory.swap.max", "50\n");
  tree.write("memory.swap.current", "7\n");
  tree.write("pids.current", "4\n");
  tree.write("pids.max", "max\n");
  tree.write("io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n");
  tree.write("hugetlb.2MB.current", "0\n");
  tree.write("hugetlb.2MB.rsvd.current", "2097152\n");
  tree.write("hugetlb.2MB.events", "max 3\n");
  tree.write("rdma.current", "mlx4_0 hca_handle=2 hca_object=20\n");
  tree.write("rdma.max", "mlx4_0 hca_handle=3 hca_object=max\n");
  Stats stats;
  add_v2_stats(leaf_in(tree, Version::kV2), stats);
  EXPECT_EQ(stats.cpu.usage.total, 3000000u);
  EXPECT_EQ(stats.cpu.usage.user, 2000000u);
  EXPECT_EQ(stats.cpu.usage.kernel, 1000000u);
  EXPECT_EQ(stats.cpu.throttling.throttled_periods, 2u);
  EXPECT_EQ(stats.cpu.throttling.throttled_time, 9000u);
  EXPECT_DOUBLE_EQ(stats.cpu.psi.value().some.avg10, 0.5);
  EXPECT_EQ(stats.cpuset.cpus, (std::vector<std::uint16_t>{0, 1, 2}));
  EXPECT_EQ(stats.memory.cache, 4096u);
  EXPECT_EQ(stats.memory.raw.at("anon"), 1u);
  EXPECT_EQ(stats.memory.usage.limit, 1000u);
  EXPECT_EQ(stats.memory.usage.usage, 600u);
  EXPECT_EQ(stats.memory.usage.max, 900u);
  EXPECT_EQ(stats.memory.usage.failcnt, 3u);
  EXPECT_EQ(stats.memory.swap.limit, 1050u);
  EXPECT_EQ(stats.memory.swap.usage, 607u);
  EXPECT_EQ(stats.memory.kernel.usage, 77u);
  EXPECT_EQ(stats.memory.kernel_tcp.usage, 8u);
  EXPECT_EQ(stats.memory.events.oom_kill, 5u);
  EXPECT_EQ(stats.memory.events.oom_group_kill, 6u);
  EXPECT_EQ(stats.pids.current, 4u);
  EXPECT_EQ(stats.pids.limit, 0u);
  EXPECT_EQ(shown(stats.blkio.io_service_bytes_recursive), "8:0 Read 1;8:0 Write 2;");
  EXPECT_EQ(shown(stats.blkio.io_serviced_recursive), "8:0 Read 3;8:0 Write 4;");
  ASSERT_EQ(stats.hugetlb.size(), 1u);
  EXPECT_EQ(stats.hugetlb.at("2MB").usage, 2097152u);
  EXPECT_EQ(stats.hugetlb.at("2MB").failcnt, 3u);
  EXPECT_EQ(stats.rdma.current.at("mlx4_0").hca_objects, 20u);
  EXPECT_EQ(stats.rdma.limit.at("mlx4_0").hca_objects, kNoLimit);
}

TEST(StatsOfV2, WithoutControllersAreEmpty) {
  const TemporaryTree tree;
  Stats stats;
  stats.pids.current = 3;  // v1 keeps pids here
  add_v2_stats(leaf_in(tree, Version::kV2), stats);
  EXPECT_EQ(stats.pids.current, 3u);
  EXPECT_TRUE(stats.memory.raw.empty());
  EXPECT_FALSE(stats.cpu.psi);
  EXPECT_TRUE(stats.hugetlb.empty());
}

TEST(StatsOfV1, ComeFromEachHierarchysFiles) {
  const TemporaryTree tree;
  tree.write("cpu.stat", "nr_periods 5\nnr_throttled 2\nthrottled_time 99\n");
  tree.write("cpuacct.usage", "100\n");
  tree.write("cpuacct.usage_sys", "40\n");
  tree.write("cpuacct.usage_user", "60\n");
  tree.write("cpuacct.usage_percpu", "70 30 \n");
  tree.write("cpuacct.usage_all", "cpu user system\n0 50 20\n1 10 20\n");
  tree.write("cpuset.cpus", "0,3\n");
  tree.write("cpuset.sched_load_balance", "1\n");
  tree.write("cpuset.sched_relax_domain_level", "-1\n");
  tree.write("memory.stat", "cache 11\nrss 22\n");
  tree.write("memory.limit_in_bytes", "1000\n");
  tree.write("memory.usage_in_bytes", "500\n");
  tree.write("memory.max_usage_in_bytes", "700\n");
  tree.write("memory.failcnt", "9\n");
  tree.write("memory.memsw.limit_in_bytes", "2000\n");
  tree.write("memory.kmem.usage_in_bytes", "5\n");
  tree.write("memory.kmem.tcp.usage_in_bytes", "6\n");
  tree.write("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
  tree.write("pids.current", "4\n");
  tree.write("pids.max", "9\n");
  tree.write("blkio.bfq.io_service_bytes_recursive", "");
  tree.write("blkio.throttle.io_service_bytes_recursive", "8:0 Read 1\nTotal 1\n");
  tree.write("blkio.time_recursive", "8:0 12\n");
  tree.write("hugetlb.1GB.usage_in_bytes", "1\n");
  tree.write("hugetlb.1GB.max_usage_in_bytes", "2\n");
  tree.write("hugetlb.1GB.failcnt", "3\n");
  const std::vector<std::string> all{"cpu",  "cpuacct", "cpuset", "memory",
                                     "pids", "blkio",   "hugetlb"};
  Stats stats;
  add_v1_stats(leaf_in(tree, Version::kV1, all), stats);
  EXPECT_EQ(stats.cpu.usage.total, 100u);
  EXPECT_EQ(stats.cpu.usage.kernel, 40u);
  EXPECT_EQ(stats.cpu.usage.percpu, (std::vector<std::uint64_t>{70, 30}));
  EXPECT_EQ(stats.cpu.usage.percpu_user, (std::vector<std::uint64_t>{50, 10}));
  EXPECT_EQ(stats.cpu.usage.percpu_kernel, (std::vector<std::uint64_t>{20, 20}));
  EXPECT_EQ(stats.cpu.throttling.throttled_time, 99u);
  EXPECT_EQ(stats.cpuset.cpus, (std::vector<std::uint16_t>{0, 3}));
  EXPECT_EQ(stats.cpuset.sched_load_balance, 1u);
  EXPECT_EQ(stats.cpuset.sched_relax_domain_level, -1);
  EXPECT_EQ(stats.memory.cache, 11u);
  EXPECT_EQ(stats.memory.usage.max, 700u);
  EXPECT_EQ(stats.memory.usage.failcnt, 9u);
  EXPECT_EQ(stats.memory.swap.limit, 2000u);
  EXPECT_EQ(stats.memory.kernel.usage, 5u);
  EXPECT_EQ(stats.memory.kernel_tcp.usage, 6u);
  EXPECT_EQ(stats.memory.events.oom_kill, 2u);
  EXPECT_EQ(stats.pids.limit, 9u);
  EXPECT_EQ(shown(stats.blkio.io_service_bytes_recursive), "8:0 Read 1;");
  EXPECT_EQ(shown(stats.blkio.io_time_recursive), "8:0  12;");
  EXPECT_EQ(stats.hugetlb.at("1GB").max, 2u);
}

TEST(StatsOfV1, LeaveOtherHierarchiesNumbersAlone) {
  const TemporaryTree tree;
  Stats stats;
  stats.memory.usage.usage = 5;
  add_v1_stats(leaf_in(tree, Version::kV1, {"pids"}), stats);
  EXPECT_EQ(stats.memory.usage.usage, 5u);
}

TEST(StatsForReal, CountWhatAContainerUses) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  CgroupRequest request;
  request.path = "/mycontainer-stats-" + std::to_string(::getpid());
  request.every_hierarchy = true;
  request.resources.memory.emplace();
  request.resources.memory->limit = 512 << 20;
  request.resources.pids_limit = 77;
  auto cgroup = Cgroup::create(request);
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  {
    Born child(cgroup->dirfd(), []() -> int {
      const std::vector<char> block(16 << 20, 'x');
      while (true) ::usleep(static_cast<useconds_t>(10000 + block[5]));
    });
    ASSERT_TRUE(cgroup->move(child.pid()));
    child.let_go();
    Result<Stats> stats;
    for (int wait = 0; wait < 500; ++wait) {
      stats = cgroup->stats();
      ASSERT_TRUE(stats) << stats.error().message();
      if (stats->memory.usage.usage > (8 << 20) && stats->cpu.usage.total > 0) break;
      ::usleep(10000);
    }
    EXPECT_GT(stats->memory.usage.usage, 8u << 20);
    EXPECT_GT(stats->cpu.usage.total, 0u);
    EXPECT_FALSE(stats->memory.raw.empty());
    EXPECT_EQ(stats->memory.usage.limit, 512u << 20);
    EXPECT_EQ(stats->pids.current, 1u);
    EXPECT_EQ(stats->pids.limit, 77u);
  }
  EXPECT_TRUE(cgroup->remove());
}

}  // namespace
}  // namespace mycontainer::runtime::cgroup
