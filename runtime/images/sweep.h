// Taking away what no image and no container needs. Parent side.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/store.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::images {

struct Collected {
  std::uint64_t bytes = 0;
  std::vector<rootfs::content::Digest> blobs;
};

// After something was removed. When somebody is adding or using images meanwhile nothing is removed
// now: he sweeps when he is done.
Result<Collected> sweep(const state::Roots& roots);
// At the end of what adds images: only when somebody else's sweep had to wait for us.
void sweep_if_wanted(const state::Roots& roots);

// The ids of the containers made from each image, running ones first. "broken" records count for nothing.
struct UsedBy {
  rootfs::content::Digest image;
  std::string container;
  bool runs = false;
};
Result<std::vector<UsedBy>> images_in_use(const state::Roots& roots);

}  // namespace mycontainer::runtime::images
