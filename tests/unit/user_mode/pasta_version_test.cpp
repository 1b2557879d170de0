#include "runtime/network/user_mode/pasta_version.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::network {
namespace {

TEST(PastaVersion, IsTheDateInIt) {
  EXPECT_TRUE(publishes_well("pasta 2024_10_30.ee7d0b6\nCopyright Red Hat\n"));
  EXPECT_TRUE(publishes_well("pasta 0.0~git20250503.587980c-2"));
  EXPECT_FALSE(publishes_well("pasta 0.0~git20230309.7c7625d-1"));
  EXPECT_FALSE(publishes_well("passt 2022_11_16.ace074c"));
}

TEST(PastaVersion, AnUnknownOneIsOld) {
  EXPECT_FALSE(publishes_well("pasta unknown version\nCopyright Red Hat\n"));
  EXPECT_FALSE(publishes_well("pasta unknown version\n2024_10_30\n"));
  EXPECT_FALSE(publishes_well(""));
  EXPECT_FALSE(publishes_well("pasta 12345678"));
}

}  // namespace
}  // namespace mycontainer::runtime::network
