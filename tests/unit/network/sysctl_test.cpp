#include "runtime/network/sysctl.h"

#include <gtest/gtest.h>

#include "tests/support/in_namespaces.h"

namespace mycontainer::runtime::network {
namespace {

TEST(Sysctl, IsSetAndReadInTheThreadsOwnNamespace) {
  SKIP_UNLESS_ROOT();
  test::in_namespaces(CLONE_NEWNET, [] {
    const auto before = read_sysctl("ipv4/ip_forward");
    ASSERT_TRUE(before);
    const std::string other = *before == "1" ? "0" : "1";
    ASSERT_TRUE(set_sysctl("ipv4/ip_forward", other));
    EXPECT_EQ(read_sysctl("ipv4/ip_forward").value_or(""), other);
  });
}

TEST(Sysctl, IsNamedAsItsUsersKnowIt) {
  const auto missing = set_sysctl("ipv4/conf/eth0.7/forwarding", "1");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().operation, "set net.ipv4.conf.eth0/7.forwarding=1");
  EXPECT_TRUE(set_sysctl_if_there("ipv4/conf/eth0.7/forwarding", "1"));
}

// As on a host whose /proc/sys is read-only, or to who may not write it.
TEST(Sysctl, ThatSaysSoAlreadyNeedsNoRight) {
  const auto present = read_sysctl("ipv4/ip_forward");
  if (!present) GTEST_SKIP() << "no /proc/sys here";
  EXPECT_TRUE(set_sysctl("ipv4/ip_forward", *present));
}

}  // namespace
}  // namespace mycontainer::runtime::network
