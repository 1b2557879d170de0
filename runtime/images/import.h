// `import`: an image of one layer from the tar archive of a root filesystem. Parent side; the
// archive is hostile.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/platform.h"
#include "rootfs/image/store.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::images {

struct ImportRequest {
  int input = -1;                    // a tar stream, plain or compressed; stays the caller's
  std::string name;                  // as typed; empty: the image gets none
  std::vector<std::string> changes;  // rootfs/image/change.h
  std::string message;
  std::optional<rootfs::image::Platform> platform;  // absent: this machine's
};

// The layer is the archive without its compression, unpacked like any other. Returns the image's
// ID.
Result<rootfs::content::Digest> import(const state::Roots& roots, const ImportRequest& request);

}  // namespace mycontainer::runtime::images
