#include <gtest/gtest.h>

#include "rootfs/layer/overlay.h"

namespace mycontainer::rootfs::layer {
namespace {

TEST(OverlayOptions, ReadsLayersOneByOneAndJoined) {
  const auto single = parse_overlay_options(
      {"lowerdir+=/a:b", "lowerdir+=/c", "upperdir=/u", "workdir=/w", "volatile", "userxattr"});
  ASSERT_TRUE(single);
  EXPECT_EQ(single->lower, (std::vector<std::string>{"/a:b", "/c"}));
  EXPECT_EQ(single->upper, "/u");
  EXPECT_EQ(single->work, "/w");
  EXPECT_TRUE(single->volatile_writes);
  EXPECT_TRUE(single->user_xattr);
  EXPECT_FALSE(single->memory);

  const auto joined = parse_overlay_options({"lowerdir=/a\\:b:/c"});
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->lower, (std::vector<std::string>{"/a:b", "/c"}));
  EXPECT_TRUE(joined->memory);
}

TEST(OverlayOptions, UndoesWhatJoiningDoes) {
  const std::vector<std::string> names = {"/plain", "/with:colon", "/with\\back", "/with,comma"};
  const auto parsed = parse_overlay_options({"lowerdir=" + join_lower_directories(names)});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->lower, names);
}

TEST(OverlayOptions, RefusesWhatItDoesNotKnow) {
  EXPECT_FALSE(parse_overlay_options({"lowerdir=/a", "metacopy=on"}));
  EXPECT_FALSE(parse_overlay_options({"upperdir=/u"}));
}

}  // namespace
}  // namespace mycontainer::rootfs::layer
