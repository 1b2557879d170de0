// What a layer's implied directories are in the layers below. Child side.
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::rootfs::layer {

class Adoption {
 public:
  // `root` stays the caller's. Those that the layer itself hides from what is below are left alone.
  Adoption(int root, const std::vector<std::string>& implied);

  // Gives those that `below` has the owner, mode, attributes and time they have there. Call it for
  // the topmost layer first: what is found, or hidden there, is not looked for any further.
  Result<void> from(int below);
  [[nodiscard]] bool done() const { return open_.empty(); }

 private:
  int root_;
  std::vector<std::string> open_;
};

}  // namespace mycontainer::rootfs::layer
