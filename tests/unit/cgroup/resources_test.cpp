#include "runtime/cgroup/resources.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::cgroup {
namespace {

// "memory.max=1048576 pids.max=5", in order; a setting without a file shows as "-".
std::string shown(const Result<std::vector<Setting>>& settings) {
  if (!settings) return settings.error().message();
  std::string text;
  for (const Setting& setting : *settings) {
    if (!text.empty()) text += "; ";
    text += (setting.file.empty() ? "-" : setting.file) + "=" + setting.value;
  }
  return text;
}

std::string v1(const oci::Resources& resources) {
  return shown(settings_of(resources, Version::kV1));
}
std::string v2(const oci::Resources& resources) {
  return shown(settings_of(resources, Version::kV2));
}

oci::Resources memory(std::optional<std::int64_t> limit, std::optional<std::int64_t> swap = {}) {
  oci::Resources resources;
  resources.memory.emplace();
  resources.memory->limit = limit;
  resources.memory->swap = swap;
  return resources;
}

oci::Resources cpu(const oci::Cpu& value) {
  oci::Resources resources;
  resources.cpu = value;
  return resources;
}

oci::Resources bandwidth(std::int64_t quota, std::optional<std::uint64_t> period = {}) {
  oci::Cpu value;
  value.quota = quota;
  value.period = period;
  return cpu(value);
}

oci::Resources shares(std::uint64_t number) {
  oci::Cpu value;
  value.shares = number;
  return cpu(value);
}

TEST(CpuWeight, MapsTheEndsAndTheDefaultOntoEachOther) {
  EXPECT_EQ(cpu_weight_of_shares(0), 0u);
  EXPECT_EQ(cpu_weight_of_shares(1), 1u);
  EXPECT_EQ(cpu_weight_of_shares(2), 1u);
  EXPECT_EQ(cpu_weight_of_shares(1024), 100u);
  EXPECT_EQ(cpu_weight_of_shares(262144), 10000u);
  EXPECT_EQ(cpu_weight_of_shares(300000), 10000u);
}

TEST(CpuWeight, NeverFallsWhenSharesRise) {
  for (std::uint64_t shares = 2; shares < 262144; shares += 61) {
    ASSERT_LE(cpu_weight_of_shares(shares), cpu_weight_of_shares(shares + 61)) << shares;
  }
}

TEST(IoWeight, MapsTenToOneAndThousandToTenThousand) {
  EXPECT_EQ(io_weight_of_blkio(10), 1u);
  EXPECT_EQ(io_weight_of_blkio(500), 4950u);
  EXPECT_EQ(io_weight_of_blkio(1000), 10000u);
}

TEST(MemorySettings, CountSwapAloneInV2AndWithMemoryInV1) {
  EXPECT_EQ(v2(memory(100, 300)), "memory.max=100; memory.swap.max=200");
  EXPECT_EQ(v1(memory(100, 300)), "memory.limit_in_bytes=100; memory.memsw.limit_in_bytes=300");
}

TEST(MemorySettings, ForbidSwapWhenBothLimitsAreEqual) {
  EXPECT_EQ(v2(memory(100, 100)), "memory.max=100; memory.swap.max=0");
}

TEST(MemorySettings, WriteMinusOneAsUnlimited) {
  EXPECT_EQ(v2(memory(-1, -1)), "memory.max=max; memory.swap.max=max");
  EXPECT_EQ(v1(memory(100, -1)), "memory.limit_in_bytes=100; memory.memsw.limit_in_bytes=-1");
}

TEST(MemorySettings, RefuseASwapLimitThatCannotBe) {
  EXPECT_EQ(v2(memory(100, 50)),
            "--memory-swap 50: less than --memory 100 (it is memory plus swap)");
  EXPECT_EQ(v1(memory({}, 50)), "--memory-swap 50: needs --memory too");
}

TEST(MemorySettings, TakeZeroAsNotSet) { EXPECT_EQ(v2(memory(0, 0)), ""); }

TEST(MemorySettings, WriteTheReservationAsLowAndAsSoftLimit) {
  oci::Resources resources = memory({});
  resources.memory->reservation = 4096;
  EXPECT_EQ(v2(resources), "memory.low=4096");
  EXPECT_EQ(v1(resources), "memory.soft_limit_in_bytes=4096");
}

TEST(MemorySettings, HaveNoFileInV2ForWhatOnlyV1Has) {
  oci::Resources resources = memory({});
  resources.memory->swappiness = 10;
  resources.memory->disable_oom_killer = true;
  resources.memory->kernel_tcp = 4096;
  EXPECT_EQ(v2(resources), "-=4096; -=10; -=1");
  EXPECT_EQ(v1(resources),
            "memory.kmem.tcp.limit_in_bytes=4096; memory.swappiness=10; memory.oom_control=1");
}

TEST(CpuSettings, WriteQuotaAndPeriodTogetherInV2) {
  EXPECT_EQ(v2(bandwidth(150000, 50000)), "cpu.max=150000 50000");
  EXPECT_EQ(v2(bandwidth(150000)), "cpu.max=150000 100000");
  EXPECT_EQ(v2(bandwidth(-1)), "cpu.max=max 100000");
}

TEST(CpuSettings, WriteThePeriodBeforeTheQuotaInV1) {
  EXPECT_EQ(v1(bandwidth(5000, 50000)), "cpu.cfs_period_us=50000; cpu.cfs_quota_us=5000");
}

TEST(CpuSettings, ConvertSharesForV2Only) {
  EXPECT_EQ(v2(shares(1024)), "cpu.weight=100");
  EXPECT_EQ(v1(shares(1024)), "cpu.shares=1024");
}

TEST(CpuSettings, NameTheRestAlikeInBothVersions) {
  oci::Cpu value;
  value.burst = 1000;
  value.idle = 1;
  value.cpus = "0-1";
  value.mems = "0";
  EXPECT_EQ(v2(cpu(value)), "cpu.max.burst=1000; cpu.idle=1; cpuset.cpus=0-1; cpuset.mems=0");
  EXPECT_EQ(v1(cpu(value)), "cpu.cfs_burst_us=1000; cpu.idle=1; cpuset.cpus=0-1; cpuset.mems=0");
}

TEST(CpuSettings, KeepRealTimeToV1) {
  oci::Cpu value;
  value.realtime_period = 1000000;
  value.realtime_runtime = 950000;
  EXPECT_EQ(v1(cpu(value)), "cpu.rt_period_us=1000000; cpu.rt_runtime_us=950000");
  EXPECT_EQ(v2(cpu(value)), "-=1000000; -=950000");
}

TEST(PidsSettings, WriteMaxForNoLimitAndNothingForZero) {
  oci::Resources resources;
  resources.pids_limit = -1;
  EXPECT_EQ(v2(resources), "pids.max=max");
  resources.pids_limit = 0;
  EXPECT_EQ(v2(resources), "");
  resources.pids_limit = 64;
  EXPECT_EQ(v1(resources), "pids.max=64");
}

TEST(BlockIoSettings, PreferBfqAndFallBackToTheConvertedWeight) {
  oci::Resources resources;
  resources.block_io.emplace();
  resources.block_io->weight = 500;
  const auto settings = settings_of(resources, Version::kV2);
  ASSERT_TRUE(settings);
  ASSERT_EQ(settings->size(), 1u);
  const Setting& weight = settings->front();
  EXPECT_EQ(weight.file + "=" + weight.value, "io.bfq.weight=500");
  EXPECT_EQ(weight.other_file + "=" + weight.other_value, "io.weight=4950");
  EXPECT_EQ(weight.flag, "--blkio-weight");
}

TEST(BlockIoSettings, WriteEachThrottleOnItsOwn) {
  oci::Resources resources;
  resources.block_io.emplace();
  const oci::BlockIoDevice disk{
      .major = 8, .minor = 16, .weight = {}, .leaf_weight = {}, .rate = 7};
  resources.block_io->throttle_read_bps_device = {disk};
  resources.block_io->throttle_write_bps_device = {disk};
  resources.block_io->throttle_read_iops_device = {disk};
  resources.block_io->throttle_write_iops_device = {disk};
  EXPECT_EQ(v2(resources),
            "io.max=8:16 rbps=7; io.max=8:16 wbps=7; io.max=8:16 riops=7; io.max=8:16 wiops=7");
  EXPECT_EQ(v1(resources),
            "blkio.throttle.read_bps_device=8:16 7; blkio.throttle.write_bps_device=8:16 7; "
            "blkio.throttle.read_iops_device=8:16 7; blkio.throttle.write_iops_device=8:16 7");
}

TEST(HugepageSettings, NameTheSizeAndTheReservation) {
  oci::Resources resources;
  resources.hugepage_limits = {{"2MB", 4096}};
  EXPECT_EQ(v2(resources), "hugetlb.2MB.max=4096; hugetlb.2MB.rsvd.max=4096");
  EXPECT_EQ(v1(resources), "hugetlb.2MB.limit_in_bytes=4096; hugetlb.2MB.rsvd.limit_in_bytes=4096");
}

TEST(HugepageSettings, RefuseASizeThatIsNone) {
  for (const char* size : {"", "MB", "2", "2mb", "../2MB", "2MB/../x"}) {
    oci::Resources resources;
    resources.hugepage_limits = {{size, 1}};
    EXPECT_FALSE(settings_of(resources, Version::kV2)) << size;
  }
}

TEST(RdmaSettings, WriteOneLinePerDevice) {
  oci::Resources resources;
  resources.rdma["mlx5_0"] = {.hca_handles = 3, .hca_objects = 4};
  EXPECT_EQ(v2(resources), "rdma.max=mlx5_0 hca_handle=3 hca_object=4");
}

TEST(NetworkSettings, BelongToV1) {
  oci::Resources resources;
  resources.network = {.class_id = 1048577, .priorities = {{"eth0", 5}}};
  EXPECT_EQ(v1(resources), "net_cls.classid=1048577; net_prio.ifpriomap=eth0 5");
  EXPECT_EQ(v2(resources), "-=1048577; -=eth0 5");
}

TEST(UnifiedSettings, AreWrittenAsTheyAreInV2) {
  oci::Resources resources;
  resources.unified = {{"memory.high", "1000"}, {"cgroup.max.depth", "3"}};
  EXPECT_EQ(v2(resources), "cgroup.max.depth=3; memory.high=1000");
  EXPECT_EQ(v1(resources), "-=3; -=1000");
}

TEST(UnifiedSettings, RefuseWhatIsNoLimitFile) {
  for (const char* file : {"memory", ".x", "../memory.max", "memory.max/..", "cgroup.procs",
                           "cgroup.kill", "cgroup.subtree_control", "cgroup.type"}) {
    oci::Resources resources;
    resources.unified = {{file, "1"}};
    EXPECT_FALSE(settings_of(resources, Version::kV2)) << file;
  }
}

TEST(DeviceSettings, DenyEverythingAndThenFollowTheList) {
  std::vector<oci::DeviceRule> rules(2);
  rules[0] = {.allow = true, .type = "c", .major = 1, .minor = 3, .access = "rwm"};
  rules[1] = {.allow = false, .type = "b", .major = {}, .minor = {}, .access = "m"};
  EXPECT_EQ(shown(device_settings(rules)),
            "devices.deny=a; devices.allow=c 1:3 rwm; devices.deny=b *:* m");
  EXPECT_EQ(shown(device_settings({})), "");
}

TEST(Unlimited, IsWhatAFreshCgroupHasAnyway) {
  EXPECT_TRUE(is_unlimited({"cpu", "cpu.max", "max 100000", "--cpus"}));
  EXPECT_TRUE(is_unlimited({"memory", "memory.max", "max", "--memory"}));
  EXPECT_TRUE(is_unlimited({"memory", "memory.memsw.limit_in_bytes", "-1", "--memory-swap"}));
  EXPECT_FALSE(is_unlimited({"pids", "pids.max", "1", "--pids-limit"}));
}

oci::Resources everything() {
  oci::Resources resources = memory(1 << 30, 2 << 30);
  resources.memory->reservation = 1;
  resources.memory->kernel_tcp = 1;
  resources.memory->swappiness = 1;
  resources.memory->disable_oom_killer = true;
  resources.cpu = oci::Cpu{5, 6, 7, 8, 9, 10, "0", "0", 1};
  resources.pids_limit = 5;
  const oci::BlockIoDevice device{8, 0, 100, 100, 5};
  resources.block_io = oci::BlockIo{100, 100, {device}, {device}, {device}, {device}, {device}};
  resources.hugepage_limits = {{"2MB", 1}};
  resources.network.emplace();
  resources.network->class_id = 1;
  resources.network->priorities = {{"lo", 1}};
  resources.rdma["mlx"] = {1, 1};
  resources.unified["memory.high"] = "1";
  return resources;
}

std::string names(Naming naming) {
  const auto settings = settings_of(everything(), Version::kV1, naming);
  if (!settings) return settings.error().message();
  std::string text, last;
  for (const Setting& setting : *settings) {
    if (setting.flag != last) text += setting.flag + "\n";
    last = setting.flag;
  }
  return text;
}

TEST(LimitNames, AreThoseOfConfigJsonForWhoWroteOne) {
  EXPECT_EQ(names(Naming::kProperties),
            "linux.resources.memory.limit\nlinux.resources.memory.swap\n"
            "linux.resources.memory.reservation\nlinux.resources.memory.kernelTCP\n"
            "linux.resources.memory.swappiness\nlinux.resources.memory.disableOOMKiller\n"
            "linux.resources.cpu.shares\nlinux.resources.cpu.period\nlinux.resources.cpu.quota\n"
            "linux.resources.cpu.burst\nlinux.resources.cpu.realtimePeriod\n"
            "linux.resources.cpu.realtimeRuntime\nlinux.resources.cpu.idle\n"
            "linux.resources.cpu.cpus\nlinux.resources.cpu.mems\nlinux.resources.pids.limit\n"
            "linux.resources.blockIO.weight\nlinux.resources.blockIO.weightDevice\n"
            "linux.resources.blockIO.leafWeight\n"
            "linux.resources.blockIO.throttleReadBpsDevice\n"
            "linux.resources.blockIO.throttleWriteBpsDevice\n"
            "linux.resources.blockIO.throttleReadIOPSDevice\n"
            "linux.resources.blockIO.throttleWriteIOPSDevice\n"
            "linux.resources.hugepageLimits\nlinux.resources.rdma\n"
            "linux.resources.network.classID\nlinux.resources.network.priorities\n"
            "linux.resources.unified[\"memory.high\"]\n");
}

TEST(LimitNames, AreFlagsForWhoTypedThem) {
  EXPECT_EQ(names(Naming::kFlags).rfind("--memory\n--memory-swap\n--memory-reservation\n", 0), 0u);
}

}  // namespace
}  // namespace mycontainer::runtime::cgroup
