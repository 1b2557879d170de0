#include "runtime/init/home.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::init {
namespace {

TEST(HomeIn, FindsTheFirstEntryOfTheNumber) {
  constexpr std::string_view kPasswd =
      "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:100::/home/user:\nother:x:1000:1::/other:/bin/sh";
  EXPECT_EQ(home_in(kPasswd, 0), "/root");
  EXPECT_EQ(home_in(kPasswd, 1000), "/home/user");
}

TEST(HomeIn, IsTheRootWithoutAnEntryThatCouldBeOne) {
  EXPECT_EQ(home_in("", 0), "/");
  EXPECT_EQ(home_in("root:x:0:0:root:/root:/bin/sh\n", 5), "/");
  EXPECT_EQ(home_in("root:x:0", 0), "/");
  EXPECT_EQ(home_in("root:x:0:0::relative:/bin/sh", 0), "/");
  EXPECT_EQ(home_in("root:x::0::/empty:/bin/sh\nroot:x:0x:0::/hex:/bin/sh", 0), "/");
  EXPECT_EQ(home_in("root:x:4294967296:0::/overflown:/bin/sh", 0), "/");
  EXPECT_EQ(home_in(std::string_view("root:x:0:0::/a\0b:/bin/sh", 24), 0), "/");
}

}  // namespace
}  // namespace mycontainer::runtime::init
