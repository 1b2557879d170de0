// The directories of a layer's tree that are being filled, from its root down to where the next
// member goes. Child side; the members are hostile, but nobody else changes the tree.
//
// A tar stream mostly goes through a tree as a walk does, so the open directories are a stack: one
// that is left gets its owner, mode and time then. Whoever comes back to it later finds it with
// them, and gives them back when he leaves it again. So memory does not grow with the layer.
//
// A name is resolved one component at a time from an open directory. Where a link stands on the
// way it is followed within the layer (rootfs/path), as after a chroot.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "rootfs/archive/entry.h"
#include "rootfs/layer/metadata.h"

namespace mycontainer::rootfs::layer {

class Directories {
 public:
  // `root` (not O_PATH) and `metadata` stay the caller's.
  Directories(int root, bool user_xattr, Metadata& metadata)
      : root_(root), user_xattr_(user_xattr), metadata_(metadata) {}
  Result<void> open();

  // A descriptor of the directory `path` ("": the root), valid until the next call. What is missing
  // is made, and counts as implied. A node that is no directory gives way; a link that leads to no
  // directory is an error.
  Result<int> enter(const std::string& path);
  // The directory is a member of its own: what it gets when it is left.
  Result<void> describe(const archive::Entry& entry, const std::string& path);
  // Nothing of the layers below shows through.
  Result<void> make_opaque(const std::string& path);
  // Leaves all.
  Result<void> finish();

  // "." for the root; those that no member describes, parents first.
  [[nodiscard]] std::vector<std::string> take_implied();

 private:
  struct Frame {
    std::string path;
    UniqueFd fd;
    bool fresh = false;                    // made just now, by us
    std::optional<archive::Entry> wanted;  // as a member describes it
    // Of one that was there: what working in it changes or would be changed by.
    timespec mtime{};
    std::optional<mode_t> mode;
    std::string default_acl;
  };

  [[nodiscard]] bool is_open(const std::string& path) const {
    return !stack_.empty() && stack_.back().path == path;
  }
  Result<void> leave();
  Result<void> descend(const std::string& path, const std::string& name);
  Result<void> make(const std::string& path, const std::string& name, mode_t mode);
  Result<UniqueFd> open_through_link(const std::string& path) const;
  Result<void> push_existing(std::string path, UniqueFd fd);
  Result<void> add_implied(const std::string& path);
  Result<void> set_opaque(int fd) const;

  int root_;
  bool user_xattr_;
  Metadata& metadata_;
  std::vector<Frame> stack_;
  std::set<std::string> implied_;
  std::size_t implied_bytes_ = 0;
  bool root_described_ = false;
};

// Removes what has the name. True: it was a whiteout.
Result<bool> remove_node(int directory, const std::string& name);

}  // namespace mycontainer::rootfs::layer
