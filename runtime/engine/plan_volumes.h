// The volumes of a new container, from what was asked for and what its image says to what is made
// and mounted. Parent side.
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "rootfs/volume/store.h"
#include "runtime/engine/run_request.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::engine {

// A path of an image's VOLUME that may be mounted upon, cleaned. The image is hostile: "/", a path
// with "..", and all of /proc, /sys and /dev are errors (CVE-2019-16884). Pure.
Result<std::string> image_volume_path(const std::string& path);

struct PlannedVolume {
  rootfs::volume::Volume volume;  // as it is made when it is not there
  bool must_exist = false;
};

struct VolumePlan {
  std::vector<MountRequest>
      mounts;  // all of the request's, and one for each of the image's volumes
  std::vector<PlannedVolume> volumes;
  std::vector<state::MountOfVolume> record;
};

// Whether there is anything to plan.
bool mounts_volumes(const RunRequest& request, const std::vector<std::string>& of_image);

// Nothing is made by this: an anonymous volume gets its name, a named one the options that the one
// of this name has.
Result<VolumePlan> plan_volumes(const RunRequest& request, const std::vector<std::string>& of_image,
                                const state::Roots& roots);

// The volumes of a container that is being made. Held until its record, which names them, is on
// disk; when the container does not stay, its anonymous volumes go with this object.
class NewVolumes {
 public:
  // Makes those that are missing.
  static Result<NewVolumes> make(const std::vector<PlannedVolume>& planned,
                                 const state::Record& record, const state::Roots& roots);
  NewVolumes(NewVolumes&& other) noexcept;
  NewVolumes& operator=(NewVolumes&&) = delete;
  ~NewVolumes();

  void recorded() { holds_.clear(); }
  // The container stays.
  void keep() { record_ = nullptr; }

 private:
  NewVolumes(const state::Record& record, const state::Roots& roots)
      : record_(&record), roots_(&roots) {}

  const state::Record* record_;
  const state::Roots* roots_;
  std::vector<UniqueFd> holds_;
};

}  // namespace mycontainer::runtime::engine
