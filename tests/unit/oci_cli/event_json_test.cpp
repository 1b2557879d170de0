#include "cmd/oci/event_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mycontainer::cmd::oci {
namespace {

using Json = nlohmann::json;
namespace cgroup = runtime::cgroup;

Json data_of(const cgroup::Stats& stats) {
  const std::string text = stats_event("c", stats);
  EXPECT_EQ(text.find('\n'), text.size() - 1) << text;
  const Json tree = Json::parse(text, nullptr, false);
  EXPECT_EQ(tree["type"], "stats");
  EXPECT_EQ(tree["id"], "c");
  return tree["data"];
}

TEST(OomEvent, HasNoData) { EXPECT_EQ(oom_event("c"), "{\"type\":\"oom\",\"id\":\"c\"}\n"); }

// What runc prints for a container that nothing was counted of.
TEST(StatsEvent, LeavesOutWhatRuncLeavesOut) {
  const Json expected = Json::parse(R"({
    "cpu": {"usage": {"kernel": 0, "user": 0}, "throttling": {}},
    "cpuset": {"cpu_exclusive": 0, "mem_hardwall": 0, "mem_exclusive": 0, "memory_migrate": 0,
      "memory_spread_page": 0, "memory_spread_slab": 0, "memory_pressure": 0,
      "sched_load_balance": 0, "sched_relax_domain_level": 0},
    "memory": {"usage": {"limit": 0, "failcnt": 0}, "swap": {"limit": 0, "failcnt": 0},
      "kernel": {"limit": 0, "failcnt": 0}, "kernelTCP": {"limit": 0, "failcnt": 0},
      "event_count": {"low": 0, "high": 0, "max": 0, "oom": 0, "oom_kill": 0,
        "oom_group_kill": 0}},
    "pids": {}, "blkio": {}, "hugetlb": {}, "intel_rdt": {}, "network_interfaces": null})");
  EXPECT_EQ(data_of({}), expected);
}

TEST(StatsEvent, NamesProcessorTimesAsRuncDoes) {
  cgroup::Stats stats;
  stats.cpu.usage = {10, 3, 7, {4, 6}, {1, 2}, {3, 4}};
  stats.cpu.throttling = {5, 2, 99};
  stats.cpu.psi = {{1.5, 0, 0, 8}, {}};
  stats.cpuset.cpus = {0, 1};
  stats.cpuset.mems = {0};
  const Json data = data_of(stats);
  EXPECT_EQ(data["cpu"]["usage"], Json::parse(R"({"total": 10, "percpu": [4, 6],
    "percpu_kernel": [1, 2], "percpu_user": [3, 4], "kernel": 3, "user": 7})"));
  EXPECT_EQ(data["cpu"]["throttling"],
            Json::parse(R"({"periods": 5, "throttledPeriods": 2, "throttledTime": 99})"));
  EXPECT_EQ(data["cpu"]["psi"]["some"],
            Json::parse(R"({"avg10": 1.5, "avg60": 0.0, "avg300": 0.0, "total": 8})"));
  EXPECT_EQ(data["cpu"]["psi"]["full"]["total"], 0);
  EXPECT_EQ(data["cpuset"]["cpus"], Json::parse("[0, 1]"));
  EXPECT_EQ(data["cpuset"]["mems"], Json::parse("[0]"));
}

TEST(StatsEvent, NamesMemoryAsRuncDoes) {
  cgroup::Stats stats;
  stats.memory.cache = 1;
  stats.memory.usage = {cgroup::kNoLimit, 2, 3, 4};
  stats.memory.kernel_tcp = {5, 6, 7, 8};
  stats.memory.raw = {{"anon", 9}};
  stats.memory.events.oom_kill = 10;
  stats.pids = {11, 12};
  const Json data = data_of(stats);
  EXPECT_EQ(data["memory"]["cache"], 1);
  EXPECT_EQ(data["memory"]["usage"], Json::parse(R"({"limit": 18446744073709551615, "usage": 2,
    "max": 3, "failcnt": 4})"));
  EXPECT_EQ(data["memory"]["kernelTCP"]["usage"], 6);
  EXPECT_EQ(data["memory"]["raw"]["anon"], 9);
  EXPECT_EQ(data["memory"]["event_count"]["oom_kill"], 10);
  EXPECT_EQ(data["pids"], Json::parse(R"({"current": 11, "limit": 12})"));
}

TEST(StatsEvent, NamesDisksAndPagesAsRuncDoes) {
  cgroup::Stats stats;
  stats.blkio.io_service_bytes_recursive = {{8, 0, "Read", 100}, {8, 0, "Write", 0}};
  stats.blkio.io_queued_recursive = {{8, 0, "Total", 1}};
  stats.hugetlb["2MB"] = {1, 0, 3};
  const Json data = data_of(stats);
  EXPECT_EQ(data["blkio"]["ioServiceBytesRecursive"],
            Json::parse(R"([{"major": 8, "op": "Read", "value": 100},
      {"major": 8, "op": "Write"}])"));
  EXPECT_EQ(data["blkio"]["ioQueueRecursive"][0]["op"], "Total");
  EXPECT_FALSE(data["blkio"].contains("ioServicedRecursive"));
  EXPECT_EQ(data["hugetlb"]["2MB"], Json::parse(R"({"usage": 1, "failcnt": 3})"));
}

}  // namespace
}  // namespace mycontainer::cmd::oci
