#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "rootfs/mount/plan.h"
#include "runtime/engine/spec_parts.h"
#include "runtime/oci/defaults.h"

namespace mycontainer::runtime::engine {
namespace {

using Mounts = std::vector<oci::Mount>;
using Options = std::vector<std::string>;

constexpr std::uint32_t kTtyGroup = 5;  // devpts' gid=5

oci::Mount make_mount(std::string_view destination, std::string_view type, std::string_view source,
                      Options options) {
  oci::Mount mount;
  mount.destination = destination;
  mount.type = type;
  mount.source = source;
  mount.options = std::move(options);
  return mount;
}

// The host's own mount at the same place, for what a namespace of the host's may not be mounted
// anew.
oci::Mount host_mount(const std::string& path, const Options& options) {
  Options all = {"rbind", "rprivate"};
  all.insert(all.end(), options.begin(), options.end());
  return make_mount(path, "bind", path, std::move(all));
}

bool maps_group(const SpecInputs& inputs, std::uint32_t gid) {
  return std::any_of(inputs.gid_mappings.begin(), inputs.gid_mappings.end(),
                     [&](const oci::IdMapping& map) {
                       return gid >= map.container_id && gid - map.container_id < map.size;
                     });
}

void set_size(Options& options, std::uint64_t size) {
  std::erase_if(options, [](const std::string& option) { return option.starts_with("size="); });
  options.push_back(fmt::format("size={}", size));
}

// Fits one of the default mounts to the namespaces that are shared with the host.
void adapt(oci::Mount& mount, const RunRequest& request, const SpecInputs& inputs) {
  const std::string& place = mount.destination;
  const bool in_user_namespace = has_user_namespace(inputs);
  if (request.privileged && place.starts_with("/sys")) std::erase(mount.options, "ro");
  if (place == "/dev/pts" && in_user_namespace && !maps_group(inputs, kTtyGroup))
    std::erase(mount.options, "gid=5");
  if (place == "/dev/shm" && request.shm_size) set_size(mount.options, *request.shm_size);

  const bool shared_and_not_ours = (place == "/proc" && request.host_pid) ||
                                   (place == "/sys" && has_foreign_network(request, inputs)) ||
                                   (place == "/dev/mqueue" && request.host_ipc);
  if ((in_user_namespace && shared_and_not_ours) || (place == "/dev/shm" && request.host_ipc)) {
    std::erase_if(mount.options,
                  [](const std::string& option) { return option.find('=') != option.npos; });
    mount = host_mount(place, mount.options);
  }
}

// With hundreds of mounts asked for this is quadratic, and still microseconds.
bool is_replaced(const std::string& place, const RunRequest& request) {
  return std::any_of(request.mounts.begin(), request.mounts.end(), [&](const MountRequest& asked) {
    return asked.destination == place ||
           (asked.destination == "/dev" && place.starts_with("/dev/"));
  });
}

void add_host_files(Mounts& mounts, const RunRequest& request, const SpecInputs& inputs) {
  if (inputs.host_files.empty()) return;
  for (const char* name : {"resolv.conf", "hostname", "hosts"}) {
    std::string place = std::string("/etc/") + name;
    if (is_replaced(place, request) || is_replaced("/etc", request)) continue;
    Options options = {"rbind", "rprivate"};
    if (request.read_only) options.emplace_back("ro");
    mounts.push_back(make_mount(place, "bind", inputs.host_files + "/" + name, std::move(options)));
  }
}

// A read-only tree is read-only all the way down where the kernel can do it (mount_setattr with
// AT_RECURSIVE, Linux 5.12), as with Docker.
oci::Mount asked_bind(const MountRequest& asked, const KernelVersion& kernel) {
  const bool whole_tree =
      asked.recursive && (kernel.major > 5 || (kernel.major == 5 && kernel.minor >= 12));
  Options options = {asked.recursive ? "rbind" : "bind",
                     asked.propagation.empty() ? "rprivate" : asked.propagation};
  if (asked.readonly) options.emplace_back(whole_tree ? "rro" : "ro");
  options.insert(options.end(), asked.options.begin(), asked.options.end());
  return make_mount(asked.destination, "bind", asked.source, std::move(options));
}

std::vector<std::string> split_options(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(comma == text.npos ? text.size() : comma + 1);
  }
  return parts;
}

// A volume with options of its own is what mount(8) would make of them.
oci::Mount optioned_volume(const MountRequest& asked) {
  const auto text_of = [&](const char* key) {
    const auto found = asked.volume.options.find(key);
    return found == asked.volume.options.end() ? std::string() : found->second;
  };
  Options options = split_options(text_of("o"));
  const bool bind = std::ranges::find(options, "bind") != options.end() ||
                    std::ranges::find(options, "rbind") != options.end();
  if (bind) options.emplace_back(asked.propagation.empty() ? "rprivate" : asked.propagation);
  if (asked.readonly) options.emplace_back("ro");
  options.emplace_back(rootfs::mount::kVolumeOption);
  return make_mount(asked.destination, bind ? "bind" : text_of("type"), text_of("device"),
                    std::move(options));
}

// In a user namespace that is not its user's own the ids on disk are those that the container sees.
Result<oci::Mount> asked_volume(const MountRequest& asked) {
  if (!asked.volume.options.empty()) return optioned_volume(asked);
  Options options = {"rbind", asked.propagation.empty() ? "rprivate" : asked.propagation};
  if (asked.readonly) options.emplace_back("ro");
  if (asked.volume.idmapped) options.emplace_back("idmap");
  options.emplace_back(rootfs::mount::kVolumeOption);
  if (!asked.volume.subpath.empty()) {
    TRY(std::string subpath, rootfs::mount::subpath_option(asked.volume.subpath));
    options.push_back(std::move(subpath));
  }
  return make_mount(asked.destination, "bind", asked.volume.data, std::move(options));
}

// Later options win, so "exec" undoes the default.
oci::Mount asked_tmpfs(const MountRequest& asked) {
  Options options = {"nosuid", "nodev", "noexec"};
  options.insert(options.end(), asked.options.begin(), asked.options.end());
  if (asked.readonly) options.emplace_back("ro");
  return make_mount(asked.destination, "tmpfs", "tmpfs", std::move(options));
}

void add_bound_devices(Mounts& mounts, const SpecInputs& inputs) {
  for (const GrantedDevice& device : inputs.devices)
    if (is_bound(device, inputs))
      mounts.push_back(
          make_mount(device.node.path, "bind", device.host_path, {"bind", "rprivate"}));
}

auto depth(const oci::Mount& mount) {
  return std::count(mount.destination.begin(), mount.destination.end(), '/');
}

Result<oci::Mount> asked_mount(const MountRequest& asked, const KernelVersion& kernel) {
  switch (asked.kind) {
    case MountRequest::Kind::kBind:
      return asked_bind(asked, kernel);
    case MountRequest::Kind::kTmpfs:
      return asked_tmpfs(asked);
    case MountRequest::Kind::kVolume:
      break;
  }
  return asked_volume(asked);
}

Result<void> add_asked(Mounts& mounts, const RunRequest& request, const SpecInputs& inputs) {
  const auto first = static_cast<std::ptrdiff_t>(mounts.size());
  for (const MountRequest& asked : request.mounts) {
    TRY(oci::Mount mount, asked_mount(asked, inputs.kernel));
    mounts.push_back(std::move(mount));
  }
  std::stable_sort(mounts.begin() + first, mounts.end(),
                   [](const oci::Mount& a, const oci::Mount& b) { return depth(a) < depth(b); });
  return {};
}

}  // namespace

Result<Mounts> make_mounts(const RunRequest& request, const SpecInputs& inputs) {
  Mounts mounts = oci::default_mounts();
  std::erase_if(mounts,
                [&](const oci::Mount& mount) { return is_replaced(mount.destination, request); });
  for (oci::Mount& mount : mounts) adapt(mount, request, inputs);
  add_host_files(mounts, request, inputs);
  add_bound_devices(mounts, inputs);
  TRY_VOID(add_asked(mounts, request, inputs));
  return mounts;
}

}  // namespace mycontainer::runtime::engine
