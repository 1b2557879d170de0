// Volumes as verbs see them: which are used, how large they are, and removing those that are not.
// Parent side.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/volume/store.h"
#include "runtime/lifecycle/prune.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

// Makes a volume, or finds the one that was made alike, and tells who follows the events.
Result<rootfs::volume::Volume> create_volume(const state::Roots& roots,
                                             rootfs::volume::Volume volume);

// "remove NAME: volume is in use - [ID, ID]"; "no such volume: NAME" (ENOENT).
Result<void> remove_volume(const state::Roots& roots, const std::string& name);

struct VolumePruneFilter {
  bool all = false;  // those with names of their own, too
  std::vector<LabelFilter> labels;
  std::vector<LabelFilter> without_labels;
};

bool matches(const VolumePruneFilter& filter, const rootfs::volume::Volume& volume);  // pure

struct VolumesPruned {
  std::vector<std::string> names;
  std::uint64_t bytes = 0;
  std::vector<Error> failed;
};

// Removes the volumes that no container mounts, and what killed processes left of others.
Result<VolumesPruned> prune_volumes(const state::Roots& roots, const VolumePruneFilter& filter);

struct VolumeUsage {
  rootfs::volume::Volume volume;
  std::size_t links = 0;    // containers that mount it
  std::uint64_t bytes = 0;  // what its files hold
};
Result<std::vector<VolumeUsage>> volume_usage(const state::Roots& roots);

}  // namespace mycontainer::runtime::lifecycle
