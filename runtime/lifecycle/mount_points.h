// What the user has mounted into a container, told from its configuration. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/oci/spec.h"

namespace mycontainer::runtime::lifecycle {

struct MountPoint {
  std::string type;  // "bind"
  std::string source, destination;
  std::string propagation;
  bool writable = true, recursive = true;
};

// The user's binds, in the order in which they are mounted: not those that every container has, nor
// bound devices.
std::vector<MountPoint> mount_points(const oci::Spec& spec);

// The user's tmpfs mounts: their options, joined by commas, by destination.
std::map<std::string, std::string> tmpfs_mounts(const oci::Spec& spec);

}  // namespace mycontainer::runtime::lifecycle
