#include <algorithm>
#include <iterator>

#include "runtime/cgroup/resources_internal.h"

namespace mycontainer::runtime::cgroup {

namespace {

struct Name {
  std::string_view flag, property;
};

// Below linux.resources. What has no flag is named by its property already.
constexpr Name kNames[] = {
    {"--memory", "memory.limit"},
    {"--memory-swap", "memory.swap"},
    {"--memory-reservation", "memory.reservation"},
    {"--memory-swappiness", "memory.swappiness"},
    {"--oom-kill-disable", "memory.disableOOMKiller"},
    {"--cpu-shares", "cpu.shares"},
    {"--cpu-period", "cpu.period"},
    {"--cpus", "cpu.quota"},
    {"--cpu-rt-period", "cpu.realtimePeriod"},
    {"--cpu-rt-runtime", "cpu.realtimeRuntime"},
    {"--cpuset-cpus", "cpu.cpus"},
    {"--cpuset-mems", "cpu.mems"},
    {"--pids-limit", "pids.limit"},
    {"--blkio-weight", "blockIO.weight"},
    {"--blkio-weight-device", "blockIO.weightDevice"},
    {"--device-read-bps", "blockIO.throttleReadBpsDevice"},
    {"--device-write-bps", "blockIO.throttleWriteBpsDevice"},
    {"--device-read-iops", "blockIO.throttleReadIOPSDevice"},
    {"--device-write-iops", "blockIO.throttleWriteIOPSDevice"},
    {"--device", "devices"},
    {"hugepage limit", "hugepageLimits"},
    {"rdma limit", "rdma"},
};

constexpr std::string_view kUnified = "unified ";

}  // namespace

std::string limit_name(std::string_view flag, Naming naming) {
  if (naming == Naming::kFlags) return std::string(flag);
  if (flag.starts_with(kUnified)) {
    return fmt::format("linux.resources.unified[\"{}\"]", flag.substr(kUnified.size()));
  }
  const auto* const known = std::ranges::find(kNames, flag, &Name::flag);
  return fmt::format("linux.resources.{}", known == std::end(kNames) ? flag : known->property);
}

}  // namespace mycontainer::runtime::cgroup
