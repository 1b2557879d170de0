#include "runtime/engine/id_maps.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::engine {
namespace {

using ids::IdMaps;

TEST(CheckMapped, NamesTheIdAndWhyItIsMissing) {
  IdMaps maps{{{0, 1000, 1}}, {{0, 1000, 1}}, "only one id is mapped: /etc/subuid is empty"};
  ResolvedUser user;
  EXPECT_TRUE(check_mapped(user, maps));
  user.uid = 33;
  const auto refused = check_mapped(user, maps);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(),
            "user id 33 is not mapped into the container's user namespace");
  EXPECT_EQ(refused.error().hint, "only one id is mapped: /etc/subuid is empty");
  EXPECT_TRUE(check_mapped(user, IdMaps{}));
}

TEST(DropUnmappedGroups, KeepsThePrimaryGroupAndWhatWasAskedFor) {
  ResolvedUser user;
  user.additional_gids = {0, 10, 77};
  user.asked_gids = {77};
  drop_unmapped_groups(user, IdMaps{});
  EXPECT_EQ(user.additional_gids.size(), 3U);
  drop_unmapped_groups(user, IdMaps{{{0, 1000, 1}}, {{0, 1000, 1}}, {}});
  EXPECT_EQ(user.additional_gids, (std::vector<std::uint32_t>{0, 77}));
}

}  // namespace
}  // namespace mycontainer::runtime::engine
