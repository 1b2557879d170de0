// What a container has changed in its filesystem: the upper directory of its overlay against what
// lies below it. Any process that may read both; also while the overlay is mounted.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::layer {

enum class ChangeKind : std::uint8_t { kModified, kAdded, kDeleted };

struct Change {
  ChangeKind kind = ChangeKind::kModified;
  std::string path;  // absolute in the container

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.kind, self.path);
  }
  friend bool operator==(const Change&, const Change&) = default;
};

// `count` ids from `outside` on are what the container sees from `inside` on.
struct IdShift {
  std::uint32_t inside = 0, outside = 0, count = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.inside, self.outside, self.count);
  }
};

struct Layers {
  int upper = -1;  // a descriptor of the upper directory (O_PATH will do)
  int lower = -1;  // of the layers below it, merged
  // How the owners in `upper` are read before they are compared with those in `lower`; empty: as
  // they are.
  std::vector<IdShift> uids, gids;
};

// Sorted by path. Docker's rules: a file is modified when its type, mode, owner, device, size, time
// or capabilities differ (one that was only opened for writing is not); a directory when its mode
// or owner differ or when anything in it is on the list; of a deleted directory only itself is
// listed, of an added one all. Whiteouts (device 0:0, or the attribute overlay.whiteout) and opaque
// directories are understood in the forms of root's overlay (trusted.*) and an ordinary user's
// (user.*).
Result<std::vector<Change>> changes(const Layers& layers);

}  // namespace mycontainer::rootfs::layer
