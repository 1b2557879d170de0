// What a container's "/" is made from: the built-in tree, a directory of the host or the layers of
// an image. Parent side.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/store.h"
#include "runtime/engine/run_request.h"
#include "runtime/engine/spec_from_request.h"
#include "runtime/images/progress.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::engine {

struct RootFilesystem {
  std::vector<std::string> lowers;  // the overlay's lower directories, topmost first; with no
                                    // overlay, the directory itself
  bool overlay = true;
  ImageConfig config;
  std::string image_id;                   // of an image: "sha256:..."
  std::optional<rootfs::image::Use> use;  // of an image: until a container's record names it
};

// Finds what `request.root` names; on first use it is unpacked, or pulled (image_root.h). `report`
// gets what is to be told about that; it may be empty.
Result<RootFilesystem> open_root_filesystem(const RunRequest& request, const state::Roots& roots,
                                            const images::Report& report);

// Its /etc/passwd and /etc/group, before anything is mounted.
Result<UserDatabase> user_database_of(const RootFilesystem& root);

}  // namespace mycontainer::runtime::engine
