#include "runtime/ids/id_maps.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::ids {
namespace {

constexpr const char* kSubuid =
    "root:1:1\n"
    "ada:100000:65536\n"
    "1000:300000:10\n"
    "ada:bad:65536\n"
    "ada:5\n"
    "ada:7:0\n"
    "adam:900000:1\n";

TEST(SubordinateRanges, AreFoundByNameAndByNumber) {
  const auto ranges = subordinate_ranges(kSubuid, "ada", 1000);
  ASSERT_EQ(ranges.size(), 2U);
  EXPECT_EQ(ranges[0].first, 100000U);
  EXPECT_EQ(ranges[0].count, 65536U);
  EXPECT_EQ(ranges[1].first, 300000U);
}

TEST(SubordinateRanges, GrantNothingToAnUnknownUserOrFromGarbage) {
  EXPECT_TRUE(subordinate_ranges(kSubuid, "eve", 1001).empty());
  EXPECT_TRUE(subordinate_ranges("::::\n\nada\nada:\nada:-1:-1\n", "ada", 1000).empty());
  EXPECT_TRUE(subordinate_ranges("ada:4294967290:65536\n", "ada", 1000).empty());
  EXPECT_TRUE(subordinate_ranges("", "", 0).empty());
}

TEST(MapWithRanges, PutsTheCallerAtZeroAndTheRangesBehind) {
  const auto mappings = map_with_ranges(1000, {{100000, 65536}, {300000, 10}});
  ASSERT_EQ(mappings.size(), 3U);
  EXPECT_EQ(mappings[0].host_id, 1000U);
  EXPECT_EQ(mappings[1].container_id, 1U);
  EXPECT_EQ(mappings[2].container_id, 65537U);
}

TEST(MapWithRanges, NeverMapsBeyondThirtyTwoBits) {
  const auto mappings = map_with_ranges(1000, {{1, 4294967295U}, {5, 5}});
  ASSERT_EQ(mappings.size(), 2U);
  EXPECT_EQ(mappings[1].size, 4294967294U);
}

TEST(AutomaticIdMaps, LieInTheBlockForContainersAndDifferByContainer) {
  const auto one = automatic_id_maps("00000001aaaa");
  const auto two = automatic_id_maps("00000002aaaa");
  EXPECT_NE(one.uids[0].host_id, two.uids[0].host_id);
  for (const auto& maps : {one, two, automatic_id_maps("ffffffff")}) {
    EXPECT_GE(maps.uids[0].host_id, 524288U);
    EXPECT_LE(maps.uids[0].host_id + maps.uids[0].size, 1879048192U);
    EXPECT_EQ(maps.uids[0].size, 65536U);
  }
}

}  // namespace
}  // namespace mycontainer::runtime::ids
