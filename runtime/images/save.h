// `save`: images as an archive. Parent side.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/platform.h"
#include "runtime/images/saved_members.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::images {

struct SaveRequest {
  std::vector<std::string> words;  // as typed
  SaveFormat format = SaveFormat::kDocker;
  std::optional<rootfs::image::Platform> platform;
  std::string output;  // a path; empty: standard output (not of a directory)
};

// The file or directory appears whole or not at all. A directory must not exist yet, or be empty.
Result<void> save(const state::Roots& roots, const SaveRequest& request);

}  // namespace mycontainer::runtime::images
