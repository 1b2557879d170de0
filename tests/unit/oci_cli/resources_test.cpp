#include "cmd/oci/resources.h"

#include <gtest/gtest.h>

#include <vector>

#include "cmd/oci/words.h"

namespace mycontainer::cmd::oci {
namespace {

Result<runtime::oci::Resources> update(const std::vector<const char*>& words,
                                       std::string_view file = {}) {
  UpdateOptions typed;
  TRY_VOID(parse_anywhere(update_options(), &typed, words));
  return resources_to_update(typed, file);
}

TEST(Update, SetsWhatWasTyped) {
  const auto set = update({"--memory",
                           "64m",
                           "--memory-swap",
                           "-1",
                           "--memory-reservation=1024",
                           "--cpu-share",
                           "512",
                           "--cpu-quota=-1",
                           "--cpu-period",
                           "50000",
                           "--cpuset-cpus",
                           "0-1",
                           "--cpuset-mems=0",
                           "--pids-limit",
                           "-1",
                           "--blkio-weight",
                           "100",
                           "--cpu-idle",
                           "0",
                           "--cpu-burst=0"});
  ASSERT_TRUE(set) << set.error().message();
  EXPECT_EQ(set->memory->limit, 64 << 20);
  EXPECT_EQ(set->memory->swap, -1);
  EXPECT_EQ(set->memory->reservation, 1024);
  EXPECT_EQ(set->cpu->shares, 512u);
  EXPECT_EQ(set->cpu->quota, -1);
  EXPECT_EQ(set->cpu->period, 50000u);
  EXPECT_EQ(set->cpu->cpus, "0-1");
  EXPECT_EQ(set->cpu->mems, "0");
  EXPECT_EQ(set->cpu->idle, 0);
  EXPECT_EQ(set->cpu->burst, 0u);
  EXPECT_EQ(set->pids_limit, -1);
  EXPECT_EQ(set->block_io->weight, 100);
}

TEST(Update, LeavesTheRestAlone) {
  const auto set = update({"--pids-limit", "20"});
  ASSERT_TRUE(set);
  EXPECT_EQ(set->pids_limit, 20);
  EXPECT_FALSE(set->memory);
  EXPECT_FALSE(set->cpu);
  EXPECT_FALSE(set->block_io);
}

TEST(Update, TakesZeroAsNoChangeWhereRuncDoes) {
  const auto set = update({"--pids-limit=0", "--blkio-weight=0", "--cpu-share=0", "--cpu-quota=0",
                           "--cpu-period=0", "--cpu-rt-period=0", "--cpu-rt-runtime=0"});
  ASSERT_TRUE(set);
  EXPECT_FALSE(set->pids_limit);
  EXPECT_FALSE(set->block_io);
  EXPECT_FALSE(set->cpu);
}

TEST(Update, TakesSwapsLimitOffWithMemorys) {
  EXPECT_EQ(update({"--memory=-1"})->memory->swap, -1);
  EXPECT_FALSE(update({"--memory=1g"})->memory->swap);
}

TEST(Update, ReadsAFileInPlaceOfEverythingElse) {
  const auto set = update({"-r", "-", "--pids-limit", "7"}, R"({"memory": {"limit": 4096}})");
  ASSERT_TRUE(set) << set.error().message();
  EXPECT_EQ(set->memory->limit, 4096);
  EXPECT_FALSE(set->pids_limit);
}

// Kubernetes hands over the whole of "resources": without our own rules /dev/null would be denied.
TEST(Update, NeverChangesDeviceRules) {
  const auto set = update({"--resources=f"}, R"({"devices": [{"allow": false, "access": "rwm"}]})");
  ASSERT_TRUE(set) << set.error().message();
  EXPECT_TRUE(set->devices.empty());
}

TEST(Update, RefusesWhatIsNoLimit) {
  for (const char* word :
       {"--memory=x", "--memory=-2", "--memory-swap=", "--cpu-share=-1", "--cpu-quota=1.5",
        "--pids-limit=many", "--blkio-weight=5", "--blkio-weight=65536", "--cpuset-cpus=a-b",
        "--l3-cache-schema=L3:0=f", "--cpus=1"}) {
    EXPECT_FALSE(update({word})) << word;
  }
  EXPECT_FALSE(update({"-r", "f"}, "{"));
  EXPECT_FALSE(update({"-r", "f"}, R"({"memory": {"limit": "x"}})"));
}

}  // namespace
}  // namespace mycontainer::cmd::oci
