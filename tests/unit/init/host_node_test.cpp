#include "runtime/init/host_node.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace mycontainer::runtime::init {
namespace {

PlannedDevice device(const std::string& path, std::uint32_t major, std::uint32_t minor) {
  return {path, S_IFCHR | 0666, major, minor, 0, 0, true, path, -1};
}

TEST(HostNode, IsTheOneAtTheSamePath) {
  EXPECT_EQ(find_host_node(device("/dev/zero", 1, 5)).value(), "/dev/zero");
}

TEST(HostNode, IsFoundByItsNumberWhenThePathHasAnotherDevice) {
  EXPECT_EQ(find_host_node(device("/dev/zero", 1, 3)).value(), "/dev/null");
  EXPECT_EQ(find_host_node(device("/dev/somewhere/else", 1, 8)).value(), "/dev/random");
}

TEST(HostNode, IsNotAnotherDevice) {
  const auto found = find_host_node(device("/dev/null", 240, 77));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ENODEV);
}

}  // namespace
}  // namespace mycontainer::runtime::init
