#include "runtime/cgroup/resources_internal.h"

namespace mycontainer::runtime::cgroup {

namespace {

constexpr std::uint64_t kDefaultPeriod = 100000;  // microseconds, the kernel's own

void add_bandwidth_v1(Settings& settings, const oci::Cpu& cpu) {
  if (cpu.period.value_or(0) != 0) {
    settings.add("cpu", "cpu.cfs_period_us", std::to_string(*cpu.period), "--cpu-period");
  }
  if (cpu.quota.value_or(0) != 0) {
    settings.add("cpu", "cpu.cfs_quota_us", *cpu.quota < 0 ? "-1" : std::to_string(*cpu.quota),
                 "--cpus");
  }
  if (cpu.burst) {
    settings.add("cpu", "cpu.cfs_burst_us", std::to_string(*cpu.burst), "cpu.burst");
  }
}

void add_bandwidth_v2(Settings& settings, const oci::Cpu& cpu) {
  const std::uint64_t period = cpu.period.value_or(0);
  const std::int64_t quota = cpu.quota.value_or(0);
  if (quota != 0 || period != 0) {
    const std::string most = quota > 0 ? std::to_string(quota) : "max";
    settings.add("cpu", "cpu.max",
                 fmt::format("{} {}", most, period == 0 ? kDefaultPeriod : period), "--cpus");
  }
  if (cpu.burst) settings.add("cpu", "cpu.max.burst", std::to_string(*cpu.burst), "cpu.burst");
}

void add_realtime(Settings& settings, const oci::Cpu& cpu) {
  if (cpu.realtime_period.value_or(0) != 0) {
    settings.add_v1_only("cpu", "cpu.rt_period_us", std::to_string(*cpu.realtime_period),
                         "--cpu-rt-period");
  }
  if (cpu.realtime_runtime.value_or(0) != 0) {
    settings.add_v1_only("cpu", "cpu.rt_runtime_us", std::to_string(*cpu.realtime_runtime),
                         "--cpu-rt-runtime");
  }
}

}  // namespace

void add_cpu(Settings& settings, const oci::Cpu& cpu) {
  const bool v1 = settings.version == Version::kV1;
  if (const std::uint64_t shares = cpu.shares.value_or(0); shares != 0) {
    settings.add("cpu", v1 ? "cpu.shares" : "cpu.weight",
                 std::to_string(v1 ? shares : cpu_weight_of_shares(shares)), "--cpu-shares");
  }
  if (v1) {
    add_bandwidth_v1(settings, cpu);
  } else {
    add_bandwidth_v2(settings, cpu);
  }
  add_realtime(settings, cpu);
  // After the weight: an idle group takes none.
  if (cpu.idle) settings.add("cpu", "cpu.idle", std::to_string(*cpu.idle), "cpu.idle");
  if (!cpu.cpus.empty()) settings.add("cpuset", "cpuset.cpus", cpu.cpus, "--cpuset-cpus");
  if (!cpu.mems.empty()) settings.add("cpuset", "cpuset.mems", cpu.mems, "--cpuset-mems");
}

}  // namespace mycontainer::runtime::cgroup
