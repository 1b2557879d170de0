// What the user has mounted into a container, told from its configuration. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/oci/spec.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

struct MountPoint {
  std::string type;  // "bind", "volume"
  std::string name;  // of a volume
  // Of a volume its files on the host, also where it is mounted from elsewhere or only in part.
  std::string source, destination;
  std::string propagation;  // of a bind
  bool writable = true, recursive = true;
  bool anonymous = false;  // a volume without a name of its own
  std::string subpath;     // of a volume
};

// The user's binds and volumes, in the order in which they are mounted: not those that every
// container has, nor bound devices.
std::vector<MountPoint> mount_points(const oci::Spec& spec, const state::Record& record,
                                     const state::Roots& roots);

// The user's tmpfs mounts: their options, joined by commas, by destination.
std::map<std::string, std::string> tmpfs_mounts(const oci::Spec& spec);

}  // namespace mycontainer::runtime::lifecycle
