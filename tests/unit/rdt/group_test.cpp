// On a directory that stands in for the filesystem: few machines have it.
#include "runtime/rdt/group.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "reexec/sys/file.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::runtime::rdt {
namespace {

struct RdtGroup : ::testing::Test {
  test::TemporaryDirectory resctrl;
  oci::IntelRdt config;

  std::string error() {
    const auto done = enter_group(config, "box", 42, resctrl.path());
    return done ? "" : done.error().message();
  }
  std::string content(const std::string& file) {
    return sys::read_file_at(AT_FDCWD, resctrl.path() + "/" + file).value_or("(none)");
  }
  void make(const std::string& directory, const std::string& schemata) {
    ASSERT_EQ(::mkdir((resctrl.path() + "/" + directory).c_str(), 0755), 0);
    ASSERT_TRUE(sys::write_file_at(AT_FDCWD, resctrl.path() + "/" + directory + "/schemata",
                                   schemata, O_WRONLY | O_CREAT, 0644));
  }
};

TEST_F(RdtGroup, IsNamedAfterTheContainerByDefault) {
  EXPECT_EQ(error(), "");
  EXPECT_EQ(content("box/tasks"), "42");
  EXPECT_EQ(content("box/schemata"), "(none)");
}

TEST_F(RdtGroup, TakesTheBandwidthFromItsOwnSchema) {
  config.l3_cache_schema = "L3:0=f\nMB:0=90";
  config.mem_bw_schema = "MB:0=20";
  EXPECT_EQ(error(), "");
  EXPECT_EQ(content("box/schemata"), "L3:0=f\nMB:0=20\n");
}

TEST_F(RdtGroup, WritesTheSchemataLast) {
  config.l3_cache_schema = "L3:0=f";
  config.schemata = {"L3:0=1", "L2:0=3"};
  EXPECT_EQ(error(), "");
  EXPECT_EQ(content("box/schemata"), "L3:0=1\nL2:0=3\n");
}

TEST_F(RdtGroup, RefusesAnExistingClassThatSaysSomethingElse) {
  make("gold", "    L3:0=ff;1=ff\n    MB:0=20\n");
  config.clos_id = "gold";
  config.l3_cache_schema = "L3:0=ff;1=ff";
  EXPECT_EQ(error(), "");
  EXPECT_EQ(content("gold/tasks"), "42");
  config.l3_cache_schema = "L3:0=f";
  EXPECT_EQ(error(), "linux.intelRdt: " + resctrl.path() +
                         "/gold exists with other schemata than \"L3:0=f\"");
}

TEST_F(RdtGroup, NeedsAnExistingClassWhenNothingSaysHowToMakeIt) {
  config.clos_id = "gold";
  EXPECT_EQ(error(), "linux.intelRdt: closID gold: No such file or directory (ENOENT)");
  make("gold", "");
  EXPECT_EQ(error(), "");
}

TEST_F(RdtGroup, IsMonitoredApartWhereAskedFor) {
  make("gold", "");
  ASSERT_EQ(::mkdir((resctrl.path() + "/gold/mon_groups").c_str(), 0755), 0);
  config.clos_id = "gold";
  config.enable_monitoring = true;
  EXPECT_EQ(error(), "");
  EXPECT_EQ(content("gold/mon_groups/box/tasks"), "42");
}

TEST_F(RdtGroup, IsRemovedOnlyWhenItIsTheContainersOwn) {
  make("gold", "");
  ASSERT_EQ(::mkdir((resctrl.path() + "/box").c_str(), 0755), 0);
  EXPECT_TRUE(remove_group(config, "box", resctrl.path()));
  EXPECT_FALSE(std::filesystem::exists(resctrl.path() + "/box"));
  EXPECT_TRUE(remove_group(config, "box", resctrl.path()));
  config.clos_id = "gold";
  EXPECT_TRUE(remove_group(config, "box", resctrl.path()));
  EXPECT_TRUE(std::filesystem::exists(resctrl.path() + "/gold"));
}

}  // namespace
}  // namespace mycontainer::runtime::rdt
