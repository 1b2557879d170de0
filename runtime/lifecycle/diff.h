// `diff`: what a container has changed in its filesystem. Parent side.
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/layer/changes.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

// Sorted by path; the container may run, and takes no notice. As with Docker a directory that was
// made for a volume to be mounted on is listed.
Result<std::vector<rootfs::layer::Change>> diff(const state::Roots& roots, const std::string& id);

}  // namespace mycontainer::runtime::lifecycle
