#include "runtime/lifecycle/mount_points.h"

#include <algorithm>

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

std::string propagation_of(const oci::Mount& mount) {
  for (const char* name : {"private", "rshared", "shared", "rslave", "slave"}) {
    if (has(mount, name)) return name;
  }
  return "rprivate";
}

}  // namespace

std::vector<MountPoint> mount_points(const oci::Spec& spec) {
  std::vector<MountPoint> points;
  for (const oci::Mount& mount : spec.mounts) {
    if (!is_users_bind(mount)) continue;
    points.push_back({"bind", mount.source, mount.destination, propagation_of(mount),
                      !has(mount, "ro") && !has(mount, "rro"), has(mount, "rbind")});
  }
  return points;
}

std::map<std::string, std::string> tmpfs_mounts(const oci::Spec& spec) {
  std::map<std::string, std::string> mounts;
  for (const oci::Mount& mount : spec.mounts) {
    if (mount.type != "tmpfs" || is_default_place(mount)) continue;
    std::string& options = mounts[mount.destination];
    for (const std::string& option : mount.options) {
      options += (options.empty() ? "" : ",") + option;
    }
  }
  return mounts;
}

}  // namespace mycontainer::runtime::lifecycle
