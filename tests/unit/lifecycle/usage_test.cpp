#include "runtime/lifecycle/usage.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::lifecycle {
namespace {

TEST(Usage, MemoryIsWithoutTheCacheThatCanBeDropped) {
  cgroup::Stats stats;
  stats.memory.usage.usage = 1000;
  stats.memory.usage.limit = 4000;
  stats.memory.raw = {{"inactive_file", 1}, {"total_inactive_file", 300}};
  EXPECT_EQ(usage_from(stats, 8000).memory, 700U);
  EXPECT_EQ(usage_from(stats, 8000).memory_limit, 4000U);
  stats.memory.raw = {{"inactive_file", 2000}};
  EXPECT_EQ(usage_from(stats, 8000).memory, 0U);
}

TEST(Usage, WithoutALimitItIsTheMachinesMemory) {
  cgroup::Stats stats;
  stats.memory.usage.limit = cgroup::kNoLimit;
  EXPECT_EQ(usage_from(stats, 8000).memory_limit, 8000U);
  EXPECT_EQ(memory_percent(usage_from({}, 0)), 0.0);
}

TEST(Usage, BlockDevicesAreAddedUp) {
  cgroup::Stats stats;
  stats.blkio.io_service_bytes_recursive = {
      {8, 0, "Read", 10}, {8, 0, "Write", 20}, {8, 16, "Read", 1}, {8, 16, "Sync", 99}};
  EXPECT_EQ(usage_from(stats, 0).read, 11U);
  EXPECT_EQ(usage_from(stats, 0).written, 20U);
}

TEST(Usage, NetworkDevicesAreAddedUpButTheLoopback) {
  Usage usage;
  add_network(
      usage,
      "Inter-|   Receive                            |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets\n"
      "    lo:    9000       1    0    0    0     0          0         0     9000       1    0\n"
      "  eth0:    1200      10    0    0    0     0          0         0      340       5    0\n"
      " a:b:5 1 0 0 0 0 0 0 7 1\n");
  EXPECT_EQ(usage.received, 1205U);
  EXPECT_EQ(usage.sent, 347U);
}

TEST(Usage, CpuIsInPercentOfOneProcessor) {
  Usage before, now;
  before.time = 1'000'000'000;
  now.time = 3'000'000'000;
  before.cpu = 500;
  now.cpu = 500 + 3'000'000'000;
  EXPECT_DOUBLE_EQ(cpu_percent(before, now), 150.0);
  EXPECT_DOUBLE_EQ(cpu_percent(now, before), 0.0);
  EXPECT_DOUBLE_EQ(cpu_percent(now, now), 0.0);
}

}  // namespace
}  // namespace mycontainer::runtime::lifecycle
