// For real: each property of linux.resources that this host can keep is in its file afterwards, and
// of each that it cannot the error says so by its name.
#include <dirent.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/cgroup/cgroup.h"

namespace mycontainer::runtime::cgroup {
namespace {

namespace fs = std::filesystem;

// "8:0" of some whole disk, or nothing.
std::string some_disk() {
  if (!fs::exists("/sys/block")) return {};
  for (const auto& entry : fs::directory_iterator("/sys/block")) {
    std::string number;
    std::ifstream(entry.path() / "dev") >> number;
    if (!number.empty()) return number;
  }
  return {};
}

class Limits : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }

  // What `file` of the cgroup with these resources holds, the error, or that it is not there.
  [[nodiscard]] std::string kept(const oci::Resources& resources, const std::string& controller,
                                 const std::string& v1_file, const std::string& v2_file) const {
    CgroupRequest request;
    request.path = "/mycontainer-limits-" + std::to_string(::getpid());
    request.every_hierarchy = true;
    request.naming = Naming::kProperties;
    request.resources = resources;
    auto cgroup = Cgroup::create(request);
    if (!cgroup) return cgroup.error().message();
    const std::string directory = path_of(cgroup->record(), controller);
    const bool v1 = directory != path_of(cgroup->record(), "");
    std::ifstream stream(directory + "/" + (v1 ? v1_file : v2_file));
    std::ostringstream text;
    text << stream.rdbuf();
    EXPECT_TRUE(cgroup->remove());
    const std::string content = text.str();
    return content.substr(0, content.find_last_not_of('\n') + 1);
  }

  // Whether `kept` is the value, or an error by the property's name of a host that lacks it.
  static void expect(const std::string& kept, const std::vector<std::string>& values,
                     const std::string& property) {
    const bool is_value = std::find(values.begin(), values.end(), kept) != values.end();
    const bool is_refusal = kept.rfind("linux.resources." + property, 0) == 0;
    EXPECT_TRUE(is_value || is_refusal) << property << ": " << kept;
    std::printf("[ %s ] %s: %s\n", is_value ? "KEPT   " : "REFUSED", property.c_str(),
                kept.c_str());
  }
};

TEST_F(Limits, OfMemoryAreInTheirFiles) {
  oci::Resources resources;
  resources.memory.emplace();
  resources.memory->limit = 64 << 20;
  resources.memory->swap = 64 << 20;
  resources.memory->kernel = 1 << 20;  // deprecated, ignored
  const std::string swap_file = "memory.memsw.limit_in_bytes";
  expect(kept(resources, "memory", swap_file, "memory.swap.max"), {"67108864", "0"}, "memory.swap");
  resources.memory->reservation = 32 << 20;
  expect(kept(resources, "memory", "memory.soft_limit_in_bytes", "memory.low"), {"33554432"},
         "memory.reservation");
  resources.memory->swappiness = 7;
  expect(kept(resources, "memory", "memory.swappiness", ""), {"7"}, "memory.swappiness");
  resources.memory->swappiness.reset();
  resources.memory->kernel_tcp = 1 << 20;
  expect(kept(resources, "memory", "memory.kmem.tcp.limit_in_bytes", ""), {"1048576"},
         "memory.kernelTCP");
  resources.memory->kernel_tcp.reset();
  resources.memory->disable_oom_killer = true;
  const std::string oom = kept(resources, "memory", "memory.oom_control", "");
  expect(oom.substr(0, oom.find('\n')), {"oom_kill_disable 1"}, "memory.disableOOMKiller");
}

TEST_F(Limits, OfProcessorsAreInTheirFiles) {
  oci::Resources resources;
  oci::Cpu& cpu = resources.cpu.emplace();
  cpu.shares = 512;
  expect(kept(resources, "cpu", "cpu.shares", "cpu.weight"), {"512", "59", "20"}, "cpu.shares");
  cpu.quota = 50000;
  cpu.period = 100000;
  cpu.burst = 10000;
  expect(kept(resources, "cpu", "cpu.cfs_burst_us", "cpu.max.burst"), {"10000"}, "cpu.burst");
  cpu = {};
  cpu.idle = 1;
  expect(kept(resources, "cpu", "cpu.idle", "cpu.idle"), {"1"}, "cpu.idle");
  cpu = {};
  cpu.realtime_period = 1000000;
  expect(kept(resources, "cpu", "cpu.rt_period_us", ""), {"1000000"}, "cpu.realtimePeriod");
  cpu = {};
  cpu.cpus = "0";
  cpu.mems = "0";
  expect(kept(resources, "cpuset", "cpuset.cpus", "cpuset.cpus"), {"0"}, "cpu.cpus");
}

TEST_F(Limits, OfDisksAreInTheirFiles) {
  const std::string disk = some_disk();
  if (disk.empty()) GTEST_SKIP() << "needs a disk";
  const oci::BlockIoDevice device{.major = std::stoll(disk),
                                  .minor = std::stoll(disk.substr(disk.find(':') + 1)),
                                  .weight = {},
                                  .leaf_weight = {},
                                  .rate = 1048576};
  oci::Resources resources;
  resources.block_io.emplace().throttle_read_bps_device = {device};
  expect(kept(resources, "io", "blkio.throttle.read_bps_device", "io.max"),
         {disk + " 1048576", disk + " rbps=1048576 wbps=max riops=max wiops=max"},
         "blockIO.throttleReadBpsDevice");
  resources.block_io.emplace().throttle_write_iops_device = {device};
  expect(kept(resources, "io", "blkio.throttle.write_iops_device", "io.max"),
         {disk + " 1048576", disk + " rbps=max wbps=max riops=max wiops=1048576"},
         "blockIO.throttleWriteIOPSDevice");
  resources.block_io.emplace().weight = 500;
  expect(kept(resources, "io", "blkio.bfq.weight", "io.weight"), {"500", "default 4950"},
         "blockIO.weight");
}

TEST_F(Limits, OfTheRestAreInTheirFiles) {
  oci::Resources resources;
  resources.hugepage_limits = {{"2MB", 4 << 20}};
  expect(kept(resources, "hugetlb", "hugetlb.2MB.limit_in_bytes", "hugetlb.2MB.max"), {"4194304"},
         "hugepageLimits");
  resources = {};
  resources.rdma["nosuch0"] = {1, 1};
  expect(kept(resources, "rdma", "rdma.max", "rdma.max"), {}, "rdma");
  resources = {};
  resources.network.emplace().class_id = 0x100001;
  // v2 leaves it out without a word, as runc does.
  expect(kept(resources, "net_cls", "net_cls.classid", "no such file"), {"1048577", ""},
         "network.classID");
  resources = {};
  resources.unified["memory.high"] = "1048576";
  expect(kept(resources, "memory", "", "memory.high"), {"1048576"}, "unified[\"memory.high\"]");
  resources = {};
  resources.unified["no.such"] = "1";
  expect(kept(resources, "", "", ""), {}, "unified[\"no.such\"]");
}

}  // namespace
}  // namespace mycontainer::runtime::cgroup
