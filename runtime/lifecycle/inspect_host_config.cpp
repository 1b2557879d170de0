#include <algorithm>
#include <cstdlib>

#include "runtime/lifecycle/inspect_parts.h"
#include "runtime/lifecycle/mount_points.h"
#include "runtime/oci/defaults.h"

namespace mycontainer::runtime::lifecycle {
namespace {

Json binds_of(const InspectInput& input) {
  std::vector<std::string> binds;
  for (const MountPoint& mount : mount_points(input.spec, input.record, input.roots)) {
    if (mount.anonymous) continue;
    const std::string& source = mount.type == "volume" ? mount.name : mount.source;
    binds.push_back(source + ":" + mount.destination + (mount.writable ? "" : ":ro"));
  }
  return list_or_null(binds);
}

// "host" when the container has no namespace of its own.
std::string mode_of(const oci::Spec& spec, std::string_view type, const char* own) {
  const auto& all = spec.linux_config.namespaces;
  return std::ranges::find(all, type, &oci::Namespace::type) == all.end() ? "host" : own;
}

Json security_options(const InspectInput& input) {
  std::vector<std::string> options;
  if (!input.spec.process) return nullptr;
  if (input.spec.process->no_new_privileges) options.emplace_back("no-new-privileges");
  if (!input.spec.linux_config.seccomp && !input.record.privileged) {
    options.emplace_back("seccomp=unconfined");
  }
  return list_or_null(options);
}

Json devices_of(const oci::Spec& spec) {
  Json devices = Json::array();
  for (const oci::Device& device : spec.linux_config.devices) {
    devices.push_back({{"PathOnHost", device.path},
                       {"PathInContainer", device.path},
                       {"CgroupPermissions", "rwm"}});
  }
  return devices;
}

Json ulimits_of(const oci::Spec& spec) {
  Json limits = Json::array();
  if (!spec.process) return limits;
  constexpr std::string_view kPrefix = "RLIMIT_";
  for (const oci::Rlimit& limit : spec.process->rlimits) {
    std::string name = limit.type;
    if (name.starts_with(kPrefix)) name.erase(0, kPrefix.size());
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    limits.push_back({{"Name", name}, {"Hard", limit.hard}, {"Soft", limit.soft}});
  }
  return limits;
}

// --cpus is a quota for each tenth of a second.
void add_cpu(Json& config, const oci::Cpu& cpu) {
  constexpr std::uint64_t kPeriod = 100'000;
  const std::int64_t quota = cpu.quota.value_or(0);
  const bool by_cpus = quota > 0 && cpu.period.value_or(0) == kPeriod;
  config["CpuShares"] = cpu.shares.value_or(0);
  config["NanoCpus"] = by_cpus ? quota * 10'000 : 0;
  config["CpuPeriod"] = by_cpus ? 0 : cpu.period.value_or(0);
  config["CpuQuota"] = by_cpus ? 0 : quota;
  config["CpuRealtimePeriod"] = cpu.realtime_period.value_or(0);
  config["CpuRealtimeRuntime"] = cpu.realtime_runtime.value_or(0);
  config["CpusetCpus"] = cpu.cpus;
  config["CpusetMems"] = cpu.mems;
}

void add_memory(Json& config, const oci::Memory& memory) {
  config["Memory"] = memory.limit.value_or(0);
  config["MemoryReservation"] = memory.reservation.value_or(0);
  config["MemorySwap"] = memory.swap.value_or(0);
  config["MemorySwappiness"] = memory.swappiness ? Json(*memory.swappiness) : Json(nullptr);
  config["OomKillDisable"] = memory.disable_oom_killer.value_or(false);
}

void add_resources(Json& config, const InspectInput& input) {
  const oci::Resources& resources = input.spec.linux_config.resources;
  add_cpu(config, resources.cpu.value_or(oci::Cpu{}));
  add_memory(config, resources.memory.value_or(oci::Memory{}));
  const auto& weight = resources.block_io ? resources.block_io->weight : std::nullopt;
  config["BlkioWeight"] = weight.value_or(0);
  config["PidsLimit"] = resources.pids_limit ? Json(*resources.pids_limit) : Json(nullptr);
  config["CgroupParent"] = input.record.cgroup_parent;
  config["Devices"] = devices_of(input.spec);
  config["Ulimits"] = ulimits_of(input.spec);
}

// "size=64m", "size=67108864".
std::uint64_t bytes_of(const std::string& option) {
  char* unit = nullptr;
  const std::uint64_t number = std::strtoull(option.c_str() + sizeof "size=" - 1, &unit, 10);
  switch (*unit) {
    case 'k':
      return number << 10;
    case 'm':
      return number << 20;
    case 'g':
      return number << 30;
    default:
      return number;
  }
}

std::uint64_t shm_size(const oci::Spec& spec) {
  for (const oci::Mount& mount : spec.mounts) {
    if (mount.destination != "/dev/shm") continue;
    for (const std::string& option : mount.options) {
      if (option.starts_with("size=")) return bytes_of(option);
    }
  }
  return oci::kDefaultShmSize;
}

void add_isolation(Json& config, const InspectInput& input) {
  const oci::Spec& spec = input.spec;
  config["Privileged"] = input.record.privileged;
  config["ReadonlyRootfs"] = spec.root.readonly;
  config["SecurityOpt"] = security_options(input);
  config["IpcMode"] = mode_of(spec, "ipc", "private");
  config["PidMode"] = mode_of(spec, "pid", "");
  config["UTSMode"] = mode_of(spec, "uts", "");
  config["UsernsMode"] = "";
  config["CgroupnsMode"] = mode_of(spec, "cgroup", "private");
  config["ShmSize"] = shm_size(spec);
  config["Tmpfs"] = tmpfs_mounts(spec);
  config["Sysctls"] = spec.linux_config.sysctl;
  config["OomScoreAdj"] = spec.process ? spec.process->oom_score_adj.value_or(0) : 0;
  config["Runtime"] = "mycontainer";
  config["Init"] = spec.annotations.contains(oci::kInitAnnotation);
  config["MaskedPaths"] = spec.linux_config.masked_paths;
  config["ReadonlyPaths"] = spec.linux_config.readonly_paths;
}

}  // namespace

Json host_config(const InspectInput& input) {
  const state::Record& record = input.record;
  Json config = {
      {"Binds", binds_of(input)},
      {"ContainerIDFile", ""},
      {"LogConfig",
       {{"Type", record.log.driver},
        {"Config", record.log.options.empty() ? Json::object() : Json(record.log.options)}}}};
  add_network_config(config, record);
  config["RestartPolicy"] = {{"Name", state::to_text({record.restart.kind, 0})},
                             {"MaximumRetryCount", record.restart.max_retries}};
  config["AutoRemove"] = record.auto_remove;
  add_isolation(config, input);
  add_resources(config, input);
  return config;
}

}  // namespace mycontainer::runtime::lifecycle
