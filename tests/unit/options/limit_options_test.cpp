#include "cmd/options/limit_options.h"

#include <cstdint>
#include <optional>

#include "tests/unit/options/parsing.h"

namespace mycontainer::cmd::options {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

runtime::oci::Resources resources_of(std::vector<const char*> options) {
  return request_with(std::move(options)).resources;
}

TEST(Limits, AreAbsentUnlessAskedFor) {
  const auto resources = resources_of({});
  EXPECT_FALSE(resources.memory);
  EXPECT_FALSE(resources.cpu);
  EXPECT_FALSE(resources.pids_limit);
  EXPECT_FALSE(resources.block_io);
  EXPECT_FALSE(request_with({}).oom_score_adj);
  EXPECT_FALSE(request_with({}).shm_size);
}

TEST(Memory, MaySwapAsMuchAgainUnlessToldOtherwise) {
  for (const std::vector<const char*>& spelled :
       {std::vector<const char*>{"-m", "64m"}, {"-m=64m"}, {"-m64m"}, {"--memory=65536k"}}) {
    const auto memory = resources_of(spelled).memory;
    ASSERT_TRUE(memory);
    EXPECT_EQ(memory->limit, 64 * kMiB);
    EXPECT_EQ(memory->swap, 128 * kMiB);
  }
}

TEST(Memory, TakesASwapLimitOrNone) {
  EXPECT_EQ(resources_of({"-m", "64m", "--memory-swap", "64m"}).memory->swap, 64 * kMiB);
  EXPECT_EQ(resources_of({"-m", "64m", "--memory-swap", "-1"}).memory->swap, -1);
  EXPECT_EQ(resources_of({"-m", "64m", "--memory-swap=-1"}).memory->swap, -1);
  EXPECT_EQ(resources_of({"-m", "64m", "--memory-swap", "0"}).memory->swap, 128 * kMiB);
}

TEST(Memory, TakesAReservation) {
  const auto memory = resources_of({"--memory-reservation", "32m"}).memory;
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->reservation, 32 * kMiB);
  EXPECT_FALSE(memory->limit);
  EXPECT_FALSE(memory->swap);
}

TEST(Memory, IsUnlimitedWithZero) { EXPECT_FALSE(resources_of({"-m", "0"}).memory); }

TEST(Memory, RefusesBadValues) {
  expect_errors({{{"-m", "3x5"}, "invalid size: '3x5'"},
                 {{"-m", ""}, "invalid size: ''"},
                 {{"-m", "-1"}, "invalid size: '-1'"},
                 {{"-m", "5m"}, "Minimum memory limit allowed is 6MB"},
                 {{"--memory-reservation", "1k"}, "Minimum memory reservation allowed is 6MB"},
                 {{"--memory-swap", "-2"}, "invalid size: '-2'"},
                 {{"--memory-swap", "64m"}, "always set the Memory limit"},
                 {{"-m", "64m", "--memory-swap", "32m"}, "larger than memory limit"},
                 {{"-m", "64m", "--memory-reservation", "65m"}, "less than memory reservation"}});
}

TEST(Cpus, AreAQuotaOfATenthOfASecond) {
  const auto cpu = resources_of({"--cpus", "1.5"}).cpu;
  ASSERT_TRUE(cpu);
  EXPECT_EQ(cpu->quota, 150'000);
  EXPECT_EQ(cpu->period, 100'000u);
  EXPECT_EQ(resources_of({"--cpus", ".25"}).cpu->quota, 25'000);
  EXPECT_EQ(resources_of({"--cpus", "2."}).cpu->quota, 200'000);
  EXPECT_EQ(resources_of({"--cpus", "0.01000"}).cpu->quota, 1'000);
  EXPECT_FALSE(resources_of({"--cpus", "0"}).cpu->quota);
}

TEST(Cpus, RefuseBadValues) {
  expect_errors({{{"--cpus", "x"}, "not a decimal number"},
                 {{"--cpus", ""}, "not a decimal number"},
                 {{"--cpus", "."}, "not a decimal number"},
                 {{"--cpus", "-1"}, "not a decimal number"},
                 {{"--cpus", "1.-5"}, "not a decimal number"},
                 {{"--cpus", "1.0000000001"}, "value is too precise"},
                 {{"--cpus", "0.001"}, "at least 0.01 CPUs"}});
}

TEST(CpuShares, AreAPositiveNumber) {
  EXPECT_EQ(resources_of({"-c", "512"}).cpu->shares, 512u);
  EXPECT_FALSE(resources_of({"--cpu-shares", "0"}).cpu->shares);
  expect_errors(
      {{{"-c", "-5"}, "must be a positive integer"}, {{"-c", "x"}, "not a whole number"}});
}

TEST(Cpuset, IsAListOfRanges) {
  EXPECT_EQ(resources_of({"--cpuset-cpus", "0-2,4"}).cpu->cpus, "0-2,4");
  EXPECT_EQ(resources_of({"--cpuset-mems", "0"}).cpu->mems, "0");
  for (const char* bad : {"x", "0-", "-1", "2-1", "0,,1", "0,", "0 1", "0-1-2", "99999"}) {
    EXPECT_NE(error_with({"--cpuset-cpus", bad}).find("for cpuset cpus"), std::string::npos) << bad;
    EXPECT_NE(error_with({"--cpuset-mems", bad}).find("for cpuset mems"), std::string::npos) << bad;
  }
}

TEST(PidsLimit, IsUnlimitedWithZeroAndMinusOne) {
  EXPECT_EQ(resources_of({"--pids-limit", "100"}).pids_limit, 100);
  EXPECT_EQ(resources_of({"--pids-limit", "-1"}).pids_limit, -1);
  EXPECT_EQ(resources_of({"--pids-limit", "0"}).pids_limit, -1);
  expect_errors({{{"--pids-limit", "-2"}, "-1 for unlimited"},
                 {{"--pids-limit", "x"}, "not a whole number"},
                 {{"--pids-limit", "9999999999999999999"}, "value out of range"}});
}

TEST(BlkioWeight, IsZeroOrBetweenTenAndAThousand) {
  EXPECT_EQ(resources_of({"--blkio-weight", "10"}).block_io->weight, 10);
  EXPECT_EQ(resources_of({"--blkio-weight", "1000"}).block_io->weight, 1000);
  EXPECT_FALSE(resources_of({"--blkio-weight", "0"}).block_io);
  expect_errors({{{"--blkio-weight", "9"}, "from 10 to 1000"},
                 {{"--blkio-weight", "1001"}, "from 10 to 1000"},
                 {{"--blkio-weight", "70000"}, "value out of range"},
                 {{"--blkio-weight", "x"}, "not a whole number"}});
}

TEST(OomScoreAdj, IsBetweenMinusAndPlusAThousand) {
  EXPECT_EQ(request_with({"--oom-score-adj", "-1000"}).oom_score_adj, -1000);
  EXPECT_EQ(request_with({"--oom-score-adj=1000"}).oom_score_adj, 1000);
  expect_errors({{{"--oom-score-adj", "1001"}, "[-1000, 1000]"},
                 {{"--oom-score-adj", "-1001"}, "[-1000, 1000]"},
                 {{"--oom-score-adj", "x"}, "not a whole number"}});
}

TEST(ShmSize, IsASize) {
  EXPECT_EQ(request_with({"--shm-size", "1g"}).shm_size, 1u << 30);
  EXPECT_FALSE(request_with({"--shm-size", "0"}).shm_size);
  expect_errors({{{"--shm-size", "x"}, "invalid size: 'x'"}});
}

TEST(CgroupParent, HasNoDots) {
  EXPECT_EQ(request_with({"--cgroup-parent", "/a/b.slice"}).cgroup_parent, "/a/b.slice");
  EXPECT_EQ(request_with({"--cgroup-parent", "a..b"}).cgroup_parent, "a..b");
  for (const char* bad : {"..", "/a/../b", "a/.", "../x"}) {
    EXPECT_NE(error_with({"--cgroup-parent", bad}).find("no \".\" or \"..\""), std::string::npos);
  }
}

TEST(Ulimit, HasASoftAndAHardLimit) {
  const auto limits = request_with({"--ulimit", "nofile=1024:2048", "--ulimit", "core=-1"}).ulimits;
  ASSERT_EQ(limits.size(), 2u);
  EXPECT_EQ(limits[0].type, "RLIMIT_NOFILE");
  EXPECT_EQ(limits[0].soft, 1024u);
  EXPECT_EQ(limits[0].hard, 2048u);
  EXPECT_EQ(limits[1].type, "RLIMIT_CORE");
  EXPECT_EQ(limits[1].soft, UINT64_MAX);
  EXPECT_EQ(limits[1].hard, UINT64_MAX);
}

TEST(Ulimit, TakesTheLastOfAName) {
  const auto limits = request_with({"--ulimit", "nproc=1", "--ulimit", "nproc=2:-1"}).ulimits;
  ASSERT_EQ(limits.size(), 1u);
  EXPECT_EQ(limits[0].soft, 2u);
  EXPECT_EQ(limits[0].hard, UINT64_MAX);
}

TEST(Ulimit, RefusesBadValues) {
  expect_errors({{{"--ulimit", "nofile"}, "invalid ulimit argument: nofile"},
                 {{"--ulimit", "foo=1"}, "invalid ulimit type: foo"},
                 {{"--ulimit", "=1"}, "invalid ulimit type: "},
                 {{"--ulimit", "nofile=2:1"}, "less than or equal to hard limit: 2 > 1"},
                 {{"--ulimit", "nofile=-1:1"}, "less than or equal to hard limit: -1 > 1"},
                 {{"--ulimit", "nofile=1:2:3"}, "not a whole number"},
                 {{"--ulimit", "nofile=-2"}, "-1 (none) or more"},
                 {{"--ulimit", "nofile="}, "not a whole number"}});
}

}  // namespace
}  // namespace mycontainer::cmd::options
