// `load`: images from an archive. Parent side; the archive is hostile.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "reexec/sys/error.h"
#include "rootfs/image/platform.h"
#include "rootfs/image/store.h"
#include "runtime/images/progress.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::images {

struct LoadRequest {
  // A docker-archive, an OCI archive or what Docker writes, plain or compressed with gzip, bzip2,
  // xz or zstd, from a file or a pipe; or a directory with such a layout. Stays the caller's.
  int input = -1;
  std::optional<rootfs::image::Platform> platform;
};

struct Loaded {
  rootfs::content::Digest id;
  std::string name;  // "docker.io/library/alpine:latest"; empty: the image has none
  std::optional<rootfs::content::Digest> renamed;  // whose name it was before
};

// All images of the archive or none: the first one is added when all are here, verified and
// unpacked. `each` is called for every name then.
Result<void> load(const state::Roots& roots, const LoadRequest& request,
                  const std::function<void(const Loaded&)>& each, const Report& report);

}  // namespace mycontainer::runtime::images
