#include "runtime/lifecycle/mount_points.h"

#include <algorithm>

#include "rootfs/mount/plan.h"
#include "runtime/oci/defaults.h"

namespace mycontainer::runtime::lifecycle {
namespace {

bool has(const oci::Mount& mount, std::string_view option) {
  return std::ranges::find(mount.options, option) != mount.options.end();
}

bool is_default_place(const oci::Mount& mount) {
  static const auto defaults = oci::default_mounts();
  return std::ranges::find(defaults, mount.destination, &oci::Mount::destination) != defaults.end();
}

// <state>/containers/<id>/hosts and the like.
bool is_host_file(const oci::Mount& mount) {
  for (const char* name : {"resolv.conf", "hostname", "hosts"}) {
    if (mount.destination == std::string("/etc/") + name) {
      return mount.source.find("/containers/") != std::string::npos &&
             mount.source.ends_with(std::string("/") + name);
    }
  }
  return false;
}

bool is_device(const oci::Mount& mount) {
  return mount.source.starts_with("/dev/") && mount.destination.starts_with("/dev/") &&
         mount.options == std::vector<std::string>{"bind", "rprivate"};
}

bool is_users_bind(const oci::Mount& mount) {
  if (mount.type != "bind" || is_host_file(mount) || is_device(mount)) return false;
  return !(is_default_place(mount) && mount.source == mount.destination);
}

bool is_volume(const oci::Mount& mount) { return has(mount, rootfs::mount::kVolumeOption); }

std::string subpath_of(const oci::Mount& mount) {
  const auto plan =
      rootfs::mount::plan_mount(mount.destination, mount.type, mount.source, mount.options);
  return plan ? plan->subpath : std::string();
}

void describe_volume(const oci::Mount& mount, const state::Record& record,
                     const state::Roots& roots, MountPoint& point) {
  const auto found =
      std::ranges::find(record.volumes, mount.destination, &state::MountOfVolume::destination);
  point.type = "volume";
  point.propagation.clear();
  point.subpath = subpath_of(mount);
  if (found == record.volumes.end()) return;
  point.name = found->name;
  point.source = roots.data + "/volumes/" + found->name + "/_data";
  point.anonymous = found->anonymous;
}

std::string propagation_of(const oci::Mount& mount) {
  for (const char* name : {"private", "rshared", "shared", "rslave", "slave"}) {
    if (has(mount, name)) return name;
  }
  return "rprivate";
}

}  // namespace

std::vector<MountPoint> mount_points(const oci::Spec& spec, const state::Record& record,
                                     const state::Roots& roots) {
  std::vector<MountPoint> points;
  for (const oci::Mount& mount : spec.mounts) {
    const bool volume = is_volume(mount);
    if (!volume && !is_users_bind(mount)) continue;
    MountPoint& point = points.emplace_back();
    point.type = "bind";
    point.source = mount.source;
    point.destination = mount.destination;
    point.propagation = propagation_of(mount);
    point.writable = !has(mount, "ro") && !has(mount, "rro");
    point.recursive = has(mount, "rbind");
    if (volume) describe_volume(mount, record, roots, point);
  }
  return points;
}

std::map<std::string, std::string> tmpfs_mounts(const oci::Spec& spec) {
  std::map<std::string, std::string> mounts;
  for (const oci::Mount& mount : spec.mounts) {
    if (mount.type != "tmpfs" || is_default_place(mount) || is_volume(mount)) continue;
    std::string& options = mounts[mount.destination];
    for (const std::string& option : mount.options) {
      options += (options.empty() ? "" : ",") + option;
    }
  }
  return mounts;
}

}  // namespace mycontainer::runtime::lifecycle
