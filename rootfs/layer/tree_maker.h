// Makes a layer's tree, member by member (OCI image-spec layer.md). Child side; the members are
// hostile, but nobody else changes the tree.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/archive/entry.h"
#include "rootfs/archive/tar_reader.h"
#include "rootfs/layer/directories.h"
#include "rootfs/layer/member_name.h"
#include "rootfs/layer/metadata.h"

namespace mycontainer::rootfs::layer {

struct MadeTree {
  std::uint64_t size = 0;      // of the files, as their members say
  std::uint64_t squashed = 0;  // nodes whose owner this user namespace does not have: root's
  std::uint64_t left_out = 0;  // devices that the kernel does not let us make
  std::vector<std::string> implied;
};

// Of members with the same name the last one counts, whatever they are; of two directories the
// content is kept. A whiteout concerns the layers below, never this one's own members, wherever it
// stands among them.
class TreeMaker {
 public:
  // `root`: the empty directory, not O_PATH. The umask must be 0.
  TreeMaker(int root, bool user_xattr);

  // The member that `in` is at.
  Result<void> add(archive::Entry& entry, archive::TarReader& in);
  Result<MadeTree> finish();

 private:
  Result<void> node(archive::Entry& entry, const MemberName& name, archive::TarReader& in);
  Result<void> make(int parent, const std::string& name, const archive::Entry& entry,
                    archive::TarReader& in);
  Result<void> file(int parent, const std::string& name, const archive::Entry& entry,
                    archive::TarReader& in);
  Result<void> symlink(int parent, const std::string& name, const archive::Entry& entry);
  Result<void> hard_link(int parent, const std::string& name, const archive::Entry& entry);
  Result<void> special(int parent, const std::string& name, const archive::Entry& entry);
  Result<void> whiteout(const std::string& path);

  int root_;
  Metadata metadata_;
  Directories directories_;
  bool begun_ = false;
  std::uint64_t members_ = 0, size_ = 0, left_out_ = 0;
};

}  // namespace mycontainer::rootfs::layer
