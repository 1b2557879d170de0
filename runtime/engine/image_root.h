// The image that a container is made from: found, or pulled. Parent side.
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/config.h"
#include "rootfs/image/store.h"
#include "runtime/engine/run_request.h"
#include "runtime/images/progress.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::engine {

struct ImageRoot {
  rootfs::image::Image image;
  rootfs::image::Config config;
  std::vector<std::string> layers;  // the trees, the topmost first
  rootfs::image::Use use;           // to be held until a container's record names the image
};

// `word` is what the user typed: an id, its beginning, a name; a short name may also be an alias of
// registries.conf. An image of another platform than was asked for counts as missing. Pulls as
// `request` says; what is to be told about that, and that the image's platform is not this
// machine's, goes to `report`.
Result<ImageRoot> open_image(const std::string& word, const ImageRequest& request,
                             const state::Roots& roots, const images::Report& report);

}  // namespace mycontainer::runtime::engine
