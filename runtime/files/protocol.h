// What a Session (session.h) and the hidden entry that does its work (entry.h) say to each other.
// Both sides.
//
//   session                          entry
//     kEnter  EnterRequest, fds  ->    gets to the container's tree
//                                <-  kDone
//     kStat ...                  ->    does it
//                                <-  kDone with the answer, or kFailed with an Error
//     closes the channel         ->    ends
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "rootfs/archive/unpack.h"
#include "rootfs/layer/changes.h"
#include "rootfs/layer/overlay.h"
#include "rootfs/mount/plan.h"

namespace mycontainer::runtime::files {

enum class MessageType : std::uint32_t {
  kEnter = 1,
  kStat,
  kPack,
  kUnpack,
  kChanges,
  kLayer,
  kDone,
  kFailed,
};

struct EnterRequest {
  enum class Way : std::uint8_t {
    kJoin,   // a running container's namespaces; comes with the pidfd of its first process
    kMount,  // what a stopped container's "/" will be; comes with the user namespace to go to, if
             // that is not the one the entry was born in
    kStay,   // nowhere: only kChanges and kLayer follow
  };
  Way way = Way::kStay;
  bool user_namespace = false;  // the container has one of its own
  // kMount
  std::optional<rootfs::layer::OverlayRequest> overlay;
  std::string directory;  // without an overlay
  std::vector<rootfs::mount::MountPlan> binds;
  bool readonly = false;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.way, self.user_namespace, self.overlay, self.directory, self.binds,
                    self.readonly);
  }
};

struct StatRequest {
  std::string path;
  bool follow = false;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.path, self.follow);
  }
};

// Of a path in the container. `exists` false: nothing is there, or only the kernel's own files.
struct Node {
  bool exists = false;
  std::uint32_t mode = 0;
  std::string link_target;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.exists, self.mode, self.link_target);
  }
};

// Comes with the descriptor to write to.
struct PackRequest {
  std::string path;
  bool follow = false;
  std::string name;             // in the archive; "." for a directory's content
  bool without_mounts = false;  // what is mounted in it is empty

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.path, self.follow, self.name, self.without_mounts);
  }
};

// Comes with the descriptor to read from.
struct UnpackRequest {
  std::string directory;
  rootfs::archive::Owner owner = rootfs::archive::Owner::kRoot;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.directory, self.owner);
  }
};

struct ChangesRequest {
  std::string upper;
  std::vector<std::string> lower;  // the topmost first
  bool user_xattr = false;
  std::vector<rootfs::layer::IdShift> uids, gids;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.upper, self.lower, self.user_xattr, self.uids, self.gids);
  }
};

// Comes with the descriptor to write to. Without an upper directory: all that the lower ones hold.
struct LayerRequest {
  ChangesRequest trees;
  std::vector<std::string> mount_points;
  bool resets_times = false;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.trees, self.mount_points, self.resets_times);
  }
};

}  // namespace mycontainer::runtime::files
