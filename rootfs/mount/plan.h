// What one mount will be, as plain data: the pure half of mounting. Made by the parent, sent to the
// child, carried out there by prepare.h and attach.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::mount {

enum class MountKind : std::uint8_t {
  kFilesystem,  // a new filesystem of `type`
  kBind,        // a clone of what is mounted at `source`; with `recursive` all below it too
  kRemount,     // no new mount: the attributes of the one at `destination` change
};

struct MountPlan {
  MountKind kind = MountKind::kFilesystem;
  std::string destination;  // in the root filesystem; absolute, without "." and ".."
  std::string type;         // kFilesystem only: "proc", "tmpfs", "cgroup2" ...
  std::string source;       // kBind: a host path; kFilesystem: what /proc/mounts will show
  bool recursive = false;
  // MOUNT_ATTR_* of this mount alone, and of all mounts of its tree (the options that begin with
  // "r": rro, rnosuid). A bit is never in both halves of a pair.
  std::uint64_t attr_set = 0, attr_clear = 0;
  std::uint64_t tree_attr_set = 0, tree_attr_clear = 0;
  std::uint64_t propagation = 0;  // MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_UNBINDABLE or 0 (as it is)
  bool propagation_recursive = false;
  std::vector<std::string> data;  // what the filesystem itself understands: "mode=755", "sync"
  bool copy_up = false;           // tmpcopyup: starts with what the root filesystem has there
  bool idmap = false;             // idmap, ridmap: see idmap_mount in attributes.h
  bool idmap_recursive = false;
  bool source_nofollow = false;       // src-nofollow: the source itself may be a link
  bool destination_nofollow = false;  // dest-nofollow: refuse a link at the destination
  // x-mycontainer-volume: a link of the image at the destination may not lead to a place of the
  // kernel's own, /proc or /sys (CVE-2019-16884).
  bool off_kernel = false;
  std::string
      subpath;  // x-mycontainer-subpath=PATH: what of `source` is bound, however hostile that is

  // All members, for the codec of the re-exec channel and for comparison.
  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.kind, self.destination, self.type, self.source, self.recursive,
                    self.attr_set, self.attr_clear, self.tree_attr_set, self.tree_attr_clear,
                    self.propagation, self.propagation_recursive, self.data, self.copy_up,
                    self.idmap, self.idmap_recursive, self.source_nofollow,
                    self.destination_nofollow, self.off_kernel, self.subpath);
  }
};

// Reads an entry of the runtime-spec's "mounts" (config.md, "Mounts"; the options of
// config-linux and of runc). Later options win over earlier ones. An option may hold several,
// separated by commas that neither stand in double quotes nor behind a backslash. Unknown options
// become `data`; the generic ones of the superblock ("sync", "dirsync", "lazytime") too; a bind has
// no use for them, as in mount(2). A relative destination is taken from "/". EINVAL without errno for
// an empty destination, a destination that is the root itself (except to remount it), a NUL byte, a
// bind without source, or a filesystem without type.
Result<MountPlan> plan_mount(const std::string& destination, std::string type, std::string source,
                             const std::vector<std::string>& options);

// The option that asks for a subpath, with what plan_mount() takes apart written so that it stays
// whole. A double quote cannot be: an error.
Result<std::string> subpath_option(std::string_view subpath);
inline constexpr std::string_view kVolumeOption = "x-mycontainer-volume";
inline constexpr std::string_view kSubpathOption = "x-mycontainer-subpath=";

// A tmpfs that gets something from the directory it is mounted on: all it holds (tmpcopyup), or
// only its mode (no mode= was given).
bool takes_after_destination(const MountPlan& plan);

// Whether one of `data` begins so: "mode=".
bool has_data(const MountPlan& plan, std::string_view prefix);

// `path` from "/", without empty components, "." and ".." (which is resolved in the text: "/a/../b"
// is "/b" whatever "/a" is). Pure.
std::string clean_path(std::string_view path);

}  // namespace mycontainer::rootfs::mount
