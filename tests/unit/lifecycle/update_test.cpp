#include "runtime/lifecycle/update.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::lifecycle {
namespace {

constexpr std::int64_t kMegabyte = 1 << 20;

oci::Resources with_memory(std::optional<std::int64_t> limit, std::optional<std::int64_t> swap = {},
                           std::optional<std::int64_t> reservation = {}) {
  oci::Resources resources;
  oci::Memory& memory = resources.memory.emplace();
  memory.limit = limit;
  memory.swap = swap;
  memory.reservation = reservation;
  return resources;
}

TEST(MergeLimits, ChangesOnlyWhatIsAskedFor) {
  oci::Resources old = with_memory(64 * kMegabyte);
  old.pids_limit = 100;
  old.cpu.emplace().cpus = "0";
  old.devices.push_back({true, "c", 1, 3, "rwm"});
  oci::Resources asked;
  asked.cpu.emplace().shares = 512;
  const auto merged = merge_limits(old, asked);
  ASSERT_TRUE(merged) << merged.error().message();
  EXPECT_EQ(merged->memory->limit, 64 * kMegabyte);
  EXPECT_EQ(merged->pids_limit, 100);
  EXPECT_EQ(merged->cpu->cpus, "0");
  EXPECT_EQ(merged->cpu->shares, 512u);
  EXPECT_EQ(merged->devices.size(), 1u);
}

TEST(MergeLimits, RefusesMemoryAboveTheSwapLimitThatStays) {
  const auto old = with_memory(64 * kMegabyte, 128 * kMegabyte);
  EXPECT_TRUE(merge_limits(old, with_memory(128 * kMegabyte)));
  const auto refused = merge_limits(old, with_memory(129 * kMegabyte));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().operation.find("update the memoryswap at the same time"),
            std::string::npos);
  EXPECT_TRUE(merge_limits(old, with_memory(256 * kMegabyte, 512 * kMegabyte)));
  EXPECT_TRUE(merge_limits(old, with_memory(256 * kMegabyte, -1)));
}

TEST(MergeLimits, RefusesSwapWithoutOrBelowMemoryAndReservationsAboveIt) {
  EXPECT_FALSE(merge_limits({}, with_memory({}, 64 * kMegabyte)));
  EXPECT_FALSE(merge_limits(with_memory(64 * kMegabyte), with_memory({}, 32 * kMegabyte)));
  EXPECT_FALSE(merge_limits(with_memory(64 * kMegabyte), with_memory({}, {}, 65 * kMegabyte)));
  EXPECT_TRUE(merge_limits({}, with_memory({}, {}, 65 * kMegabyte)));
}

}  // namespace
}  // namespace mycontainer::runtime::lifecycle
