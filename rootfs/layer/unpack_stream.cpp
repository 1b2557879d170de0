#include "rootfs/layer/unpack_stream.h"

#include <limits>

#include "rootfs/archive/decompress.h"

namespace mycontainer::rootfs::layer {

namespace {

// What comes out of the blob, counted and digested on its way.
class Tar {
 public:
  Tar(archive::Source blob, const StreamOrder& order)
      : decompressor_(std::move(blob)),
        limit_(most_uncompressed(order.blob_size)),
        hasher_(order.diff_id.empty() ? content::Algorithm::kSha256 : order.diff_id.kind()) {}

  Result<std::string_view> next() {
    TRY(const std::string_view piece, decompressor_.next());
    if (piece.size() > limit_ - bytes_) {
      return fail_code(EFBIG, "the layer unpacks to more than {} bytes, too many for its blob",
                       limit_);
    }
    bytes_ += piece.size();
    hasher_.update(piece);
    return piece;
  }
  // What stands behind the end of the archive belongs to the digest, too.
  Result<void> drain() {
    while (true) {
      TRY(const std::string_view piece, next());
      if (piece.empty()) return {};
    }
  }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] content::Digest digest() { return hasher_.finish(); }

 private:
  archive::Decompressor decompressor_;
  std::uint64_t limit_, bytes_ = 0;
  content::Hasher hasher_;
};

}  // namespace

std::uint64_t most_uncompressed(std::uint64_t blob_size) {
  constexpr std::uint64_t kRatio = 1100, kSmall = 16 << 20;
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  return blob_size > (kMost - kSmall) / kRatio ? kMost : blob_size * kRatio + kSmall;
}

Result<UnpackedStream> unpack_stream(archive::Source blob, const StreamOrder& order, int root) {
  Tar tar(std::move(blob), order);
  TreeMaker tree(root, order.user_xattr);
  TRY(archive::TarReader reader, archive::TarReader::open([&tar] { return tar.next(); }));
  while (true) {
    TRY(auto entry, reader.next());
    if (!entry) break;
    TRY_VOID(tree.add(*entry, reader));
  }
  UnpackedStream unpacked;
  TRY(unpacked.tree, tree.finish());
  TRY_VOID(tar.drain());
  unpacked.uncompressed = tar.bytes();
  unpacked.diff_id = tar.digest();
  if (!order.diff_id.empty() && unpacked.diff_id != order.diff_id) {
    return fail("wrong content: the image says that the layer is {}, but it is {}",
                order.diff_id.text(), unpacked.diff_id.text());
  }
  return unpacked;
}

}  // namespace mycontainer::rootfs::layer
