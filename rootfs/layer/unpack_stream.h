// One pass over a layer's blob: decompress, digest, make the tree. Child side.
#pragma once

#include <cstdint>

#include "reexec/sys/error.h"
#include "rootfs/archive/source.h"
#include "rootfs/content/digest.h"
#include "rootfs/layer/tree_maker.h"

namespace mycontainer::rootfs::layer {

struct StreamOrder {
  std::uint64_t blob_size = 0;
  content::Digest diff_id;  // empty: not known
  bool user_xattr = false;
};

struct UnpackedStream {
  content::Digest diff_id;         // of all that came out, also behind the archive's end
  std::uint64_t uncompressed = 0;  // bytes
  MadeTree tree;
};

// How many bytes may come out of a blob: more is a bomb. gzip's best is 1,032 to 1.
std::uint64_t most_uncompressed(std::uint64_t blob_size);

// `root` as for TreeMaker. A wrong diff ID is an error that names both.
Result<UnpackedStream> unpack_stream(archive::Source blob, const StreamOrder& order, int root);

}  // namespace mycontainer::rootfs::layer
