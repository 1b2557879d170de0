#include <algorithm>
#include <string_view>
#include <utility>

#include "runtime/engine/spec_parts.h"
#include "runtime/oci/defaults.h"
#include "runtime/security/protected_paths.h"

namespace mycontainer::runtime::engine {
namespace {

// Another container's is found at each start (shared_network.h).
std::string network_path(const RunRequest& request) {
  if (network::kind_of(request.networks) != network::Kind::kNamespace) return {};
  return request.networks.front().network.substr(network::kNamespacePrefix.size());
}

std::vector<oci::Namespace> make_namespaces(const RunRequest& request, const SpecInputs& inputs) {
  std::vector<oci::Namespace> namespaces;
  namespaces.reserve(7);
  const auto add = [&](const char* type) { namespaces.push_back({type, {}}); };
  if (has_user_namespace(inputs)) add("user");
  add("mount");
  if (!request.host_pid) add("pid");
  if (!is_host_network(request)) namespaces.push_back({"network", network_path(request)});
  if (!request.host_ipc) add("ipc");
  if (!request.host_uts) add("uts");
  add("cgroup");
  return namespaces;
}

// The groups that may ping without a raw socket: all that exist in the container.
std::string ping_groups(const SpecInputs& inputs) {
  constexpr std::uint32_t kAll = 2147483648u;
  std::uint32_t count = kAll;
  if (has_user_namespace(inputs)) {
    count = 1;
    for (const oci::IdMapping& map : inputs.gid_mappings)
      if (map.container_id == 0) count = std::min(map.size, kAll);
  }
  return fmt::format("0 {}", count - 1);
}

// As Docker has it, the container's own network lets everybody ping and bind the low ports.
oci::StringMap make_sysctls(const RunRequest& request, const SpecInputs& inputs) {
  oci::StringMap sysctls = request.sysctls;
  if (is_host_network(request) || joins_network(request)) return sysctls;
  sysctls.emplace("net.ipv4.ip_unprivileged_port_start", "0");
  sysctls.emplace("net.ipv4.ping_group_range", ping_groups(inputs));
  return sysctls;
}

bool is_default_device(const std::string& path) {
  return std::any_of(oci::kDefaultDevices.begin(), oci::kDefaultDevices.end(),
                     [&](const oci::DefaultDevice& device) { return device.path == path; });
}

// Each place once: the first wins, and the default devices are there anyway.
std::vector<oci::Device> make_devices(const SpecInputs& inputs) {
  std::vector<oci::Device> devices;
  devices.reserve(inputs.devices.size());
  for (const GrantedDevice& granted : inputs.devices) {
    const auto same_place = [&](const oci::Device& other) {
      return other.path == granted.node.path;
    };
    if (is_bound(granted, inputs)) continue;
    if (!is_default_device(granted.node.path) &&
        std::none_of(devices.begin(), devices.end(), same_place))
      devices.push_back(granted.node);
  }
  return devices;
}

std::vector<oci::DeviceRule> make_device_rules(const RunRequest& request,
                                               const SpecInputs& inputs) {
  if (request.privileged) return {{true, "a", {}, {}, "rwm"}};
  std::vector<oci::DeviceRule> rules = oci::default_device_rules();
  for (const GrantedDevice& granted : inputs.devices)
    rules.push_back(
        {true, granted.node.type, granted.node.major, granted.node.minor, granted.access});
  return rules;
}

// A volume that passes mounts on does so only from a root that is not private itself.
std::string make_propagation(const RunRequest& request) {
  const auto any = [&](std::string_view word) {
    return std::any_of(
        request.mounts.begin(), request.mounts.end(),
        [&](const MountRequest& mount) { return mount.propagation.ends_with(word); });
  };
  return any("shared") ? "rshared" : any("slave") ? "rslave" : "";
}

void protect_paths(oci::Linux& config, const SpecInputs& inputs, const RunRequest& request) {
  if (request.privileged) return;
  const auto& more = inputs.machine_masked_paths;
  config.masked_paths.reserve(security::kMaskedPaths.size() + more.size() + 1);
  config.masked_paths.assign(security::kMaskedPaths.begin(), security::kMaskedPaths.end());
  config.masked_paths.insert(config.masked_paths.end(), more.begin(), more.end());
  config.readonly_paths.assign(security::kReadonlyPaths.begin(), security::kReadonlyPaths.end());
  // Then /sys is the host's own, kernel debugging and tracing included.
  if (has_user_namespace(inputs) && has_foreign_network(request, inputs))
    config.masked_paths.emplace_back("/sys/kernel");
}

}  // namespace

oci::Linux make_linux(const RunRequest& request, const SpecInputs& inputs) {
  oci::Linux config;
  config.namespaces = make_namespaces(request, inputs);
  config.uid_mappings = inputs.uid_mappings;
  config.gid_mappings = inputs.gid_mappings;
  config.devices = make_devices(inputs);
  config.cgroups_path = inputs.cgroups_path;
  config.resources = request.resources;
  config.resources.devices = make_device_rules(request, inputs);
  config.rootfs_propagation = make_propagation(request);
  config.sysctl = make_sysctls(request, inputs);
  protect_paths(config, inputs, request);
  return config;
}

}  // namespace mycontainer::runtime::engine
