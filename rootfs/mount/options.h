// The table of mount options: which word sets or clears what. Private to rootfs/mount.
#pragma once

#include <cstdint>
#include <string_view>

#include "rootfs/mount/plan.h"

namespace mycontainer::rootfs::mount {

// Applies one option word to `plan`. False when the word is not in the table (so it is for the
// filesystem itself).
bool apply_option(std::string_view option, MountPlan& plan);

}  // namespace mycontainer::rootfs::mount
