#include "runtime/oci/validate_linux.h"

#include <array>
#include <string>

#include "runtime/oci/names.h"
#include "runtime/oci/validate.h"
#include "runtime/oci/validate_scheduling.h"
#include "runtime/oci/validate_seccomp.h"

namespace mycontainer::runtime::oci {
namespace {

constexpr std::array<std::string_view, 9> kPropagations = {
    "", "shared", "rshared", "slave", "rslave", "private", "rprivate", "unbindable", "runbindable"};
constexpr std::array<std::string_view, 8> kIpcSysctls = {
    "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem",
    "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"};

Result<void> check_namespaces(const std::vector<Namespace>& namespaces) {
  for (auto ns = namespaces.begin(); ns != namespaces.end(); ++ns) {
    const auto i = ns - namespaces.begin();
    const auto same_type = [&](const Namespace& other) { return other.type == ns->type; };
    if (!contains(kNamespaceNames, ns->type))
      return fail("linux.namespaces[{}].type: unknown \"{}\"", i, ns->type);
    if (!ns->path.empty() && !is_absolute(ns->path))
      return fail("linux.namespaces[{}].path: \"{}\" is not an absolute path", i, ns->path);
    if (std::find_if(namespaces.begin(), ns, same_type) != ns)
      return fail("linux.namespaces[{}].type: {} is listed twice", i, ns->type);
  }
  return {};
}

Result<void> check_user_namespace(const Linux& config) {
  TRY_VOID(check_mappings("linux.uidMappings", config.uid_mappings));
  TRY_VOID(check_mappings("linux.gidMappings", config.gid_mappings));
  const auto is_user = [](const Namespace& ns) { return ns.type == "user"; };
  const auto user = std::find_if(config.namespaces.begin(), config.namespaces.end(), is_user);
  const bool is_new = user != config.namespaces.end() && user->path.empty();
  if (is_new && config.uid_mappings.empty())
    return fail("linux.uidMappings: a new user namespace needs them");
  if (is_new && config.gid_mappings.empty())
    return fail("linux.gidMappings: a new user namespace needs them");
  if (user == config.namespaces.end() && !config.uid_mappings.empty())
    return fail("linux.uidMappings: need a user namespace");
  if (user == config.namespaces.end() && !config.gid_mappings.empty())
    return fail("linux.gidMappings: need a user namespace");
  return {};
}

Result<void> check_time_offsets(const Linux& config) {
  if (!config.time_offsets.empty() && !has_namespace(config, "time"))
    return fail("linux.timeOffsets: need a time namespace");
  for (const auto& [clock, offset] : config.time_offsets) {
    if (clock != "monotonic" && clock != "boottime")
      return fail("linux.timeOffsets.{}: unknown clock", clock);
    if (offset.nanosecs >= 1'000'000'000)
      return fail("linux.timeOffsets.{}.nanosecs: {} is a second or more", clock, offset.nanosecs);
  }
  return {};
}

Result<void> check_paths(const char* property, const std::vector<std::string>& paths,
                         const Linux& config) {
  if (!paths.empty() && !has_namespace(config, "mount"))
    return fail("linux.{}: need a mount namespace", property);
  for (std::size_t i = 0; i < paths.size(); ++i)
    if (!is_absolute(paths[i]))
      return fail("linux.{}[{}]: \"{}\" is not an absolute path", property, i, paths[i]);
  return {};
}

Result<void> check_devices(const std::vector<Device>& devices) {
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const Device& device = devices[i];
    if (device.type != "c" && device.type != "b" && device.type != "u" && device.type != "p")
      return fail("linux.devices[{}].type: unknown \"{}\"", i, device.type);
    if (!is_absolute(device.path))
      return fail("linux.devices[{}].path: \"{}\" is not an absolute path", i, device.path);
    if (device.type != "p" && (device.major < 0 || device.major > UINT32_MAX || device.minor < 0 ||
                               device.minor > UINT32_MAX))
      return fail("linux.devices[{}]: {}:{} is no device number", i, device.major, device.minor);
  }
  return {};
}

// What dev_valid_name() of the kernel allows, short of IFNAMSIZ.
bool is_device_name(std::string_view name) {
  constexpr std::size_t kLongest = 15;
  return !name.empty() && name.size() <= kLongest && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/: \t\n\v\f\r\0", 9)) == name.npos;
}

Result<void> check_net_devices(const Linux& config) {
  if (!config.net_devices.empty() && !has_namespace(config, "network"))
    return fail("linux.netDevices: need a network namespace");
  std::vector<std::string_view> taken;
  for (const auto& [host_name, device] : config.net_devices) {
    const std::string& name = device.name.empty() ? host_name : device.name;
    if (!is_device_name(host_name))
      return fail("linux.netDevices: \"{}\" is no name of a network device", host_name);
    if (!is_device_name(name))
      return fail("linux.netDevices.{}.name: \"{}\" is no name of a network device", host_name,
                  name);
    if (contains(taken, name))
      return fail("linux.netDevices.{}.name: {} is there twice", host_name, name);
    taken.push_back(name);
  }
  return {};
}

Result<void> check_intel_rdt(const IntelRdt& rdt) {
  if (rdt.clos_id == "." || rdt.clos_id == ".." || has_nul(rdt.clos_id) ||
      rdt.clos_id.find_first_of("/\n") != std::string::npos)
    return fail("linux.intelRdt.closID: \"{}\" is no name of a directory", rdt.clos_id);
  if (!rdt.mem_bw_schema.empty() &&
      (!rdt.mem_bw_schema.starts_with("MB:") || rdt.mem_bw_schema.find('\n') != std::string::npos))
    return fail("linux.intelRdt.memBwSchema: must be one line that begins with MB:");
  return {};
}

// Which namespace keeps a sysctl from changing the host: "ipc", "network", "uts", or none at all.
std::string_view owner_of_sysctl(std::string_view dotted) {
  if (dotted.starts_with("net.")) return "network";
  if (dotted.starts_with("fs.mqueue.") || contains(kIpcSysctls, dotted)) return "ipc";
  if (dotted == "kernel.domainname") return "uts";
  return {};
}

bool is_sysctl_name(std::string_view dotted) {
  // "..", and with it every way out of /proc/sys
  return dotted.find("..") == dotted.npos && !dotted.starts_with('.') && !dotted.ends_with('.');
}

Result<void> check_sysctl(const std::string& name, const std::string& value, const Linux& config) {
  std::string dotted = name;
  std::replace(dotted.begin(), dotted.end(), '/', '.');
  if (has_nul(name) || has_nul(value)) return fail("linux.sysctl: holds a NUL byte");
  if (!is_sysctl_name(dotted)) return fail("linux.sysctl: \"{}\" is no name of a sysctl", name);
  if (dotted == "kernel.hostname") return fail("linux.sysctl: {}: use hostname instead", name);
  const std::string_view owner = owner_of_sysctl(dotted);
  if (owner.empty()) return fail("linux.sysctl: {} belongs to the host, not to a namespace", name);
  if (!has_namespace(config, owner))
    return fail("linux.sysctl: {} needs its own {} namespace", name, owner);
  return {};
}

}  // namespace

Result<void> check_mappings(const std::string& path, const std::vector<IdMapping>& mappings) {
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    const IdMapping& map = mappings[i];
    if (map.size == 0) return fail("{}[{}].size: maps nothing", path, i);
    if (map.size > UINT32_MAX - map.container_id || map.size > UINT32_MAX - map.host_id)
      return fail("{}[{}].size: reaches beyond the last id", path, i);
  }
  return {};
}

bool has_namespace(const Linux& config, std::string_view type) {
  for (const Namespace& ns : config.namespaces)
    if (ns.type == type) return true;
  return false;
}

Result<void> validate_linux(const Spec& spec) {
  const Linux& config = spec.linux_config;
  TRY_VOID(check_namespaces(config.namespaces));
  TRY_VOID(check_user_namespace(config));
  TRY_VOID(check_time_offsets(config));
  TRY_VOID(check_devices(config.devices));
  TRY_VOID(check_paths("maskedPaths", config.masked_paths, config));
  TRY_VOID(check_paths("readonlyPaths", config.readonly_paths, config));
  for (const auto& [name, value] : config.sysctl) TRY_VOID(check_sysctl(name, value, config));
  if (!contains(kPropagations, config.rootfs_propagation))
    return fail("linux.rootfsPropagation: unknown \"{}\"", config.rootfs_propagation);
  if (has_nul(config.mount_label)) return fail("linux.mountLabel: holds a NUL byte");
  TRY_VOID(check_net_devices(config));
  if (config.intel_rdt) TRY_VOID(check_intel_rdt(*config.intel_rdt));
  if (config.memory_policy) TRY_VOID(validate_memory_policy(*config.memory_policy));
  if (config.personality) TRY_VOID(validate_personality(*config.personality));
  if (has_nul(config.cgroups_path)) return fail("linux.cgroupsPath: holds a NUL byte");
  TRY_VOID(validate_resources(config.resources));
  return config.seccomp ? validate_seccomp(*config.seccomp) : Result<void>();
}

}  // namespace mycontainer::runtime::oci
