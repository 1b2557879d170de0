// What LayerUnpacker and its re-executed copy say to each other (unpack_layer.h). Private to both.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace mycontainer::rootfs::layer {

enum class UnpackMessage : std::uint32_t {
  kOrder = 1,  // with the blob's descriptor
  kProgress,   // std::uint64_t
  kUnpacked,   // UnpackAnswer
  kError,      // Error; the last one
  kBelow,      // bool: whether these are the last; with descriptors of trees, the topmost first
  kDone,
};

struct UnpackOrder {
  std::uint64_t blob_size = 0;
  std::string diff_id;
  bool user_xattr = false;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.blob_size, self.diff_id, self.user_xattr);
  }
};

struct UnpackAnswer {
  std::string diff_id;
  std::uint64_t size = 0, uncompressed = 0, squashed = 0, left_out = 0;
  std::vector<std::string> implied;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.diff_id, self.size, self.uncompressed, self.squashed, self.left_out,
                    self.implied);
  }
};

}  // namespace mycontainer::rootfs::layer
