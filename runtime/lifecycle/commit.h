// `commit`: an image from a container. Parent side; what the container holds is hostile.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/config.h"
#include "runtime/oci/spec.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::lifecycle {

enum class CommitPause : std::uint8_t {
  kIfPossible,  // by default: a container that cannot be paused is told of, and goes on running
  kYes,
  kNo,
};

struct CommitRequest {
  std::string id;    // the container's
  std::string name;  // of the image, as typed; empty: none
  std::string author, message;
  std::vector<std::string> changes;  // a Dockerfile's instructions (rootfs/image/change.h)
  CommitPause pause = CommitPause::kIfPossible;
  std::function<void(std::string_view)> warn;  // what is no failure
};

// The image has the layers of the container's image and, when it has changed anything, one more with
// that: an upper directory becomes a tar stream once, digested while it is written. What is mounted
// in the container is never part of it. A container from the built-in root filesystem or a
// directory gives an image that has this as its lowest layer.
// A container that does not run is locked meanwhile. Returns the image's ID.
Result<rootfs::image::Digest> commit(const state::Roots& roots, const CommitRequest& request);

// The image's configuration with what the container was told otherwise: command, environment, user,
// directory, labels, ports, health check, stop signal. Pure.
rootfs::image::ContainerConfig committed_config(const rootfs::image::ContainerConfig& base,
                                                const state::Record& record, const oci::Spec& spec);

}  // namespace mycontainer::runtime::lifecycle
