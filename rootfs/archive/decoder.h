// The four compressions, each behind the same call. Private to rootfs/archive.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "reexec/sys/error.h"
#include "rootfs/archive/decompress.h"

namespace mycontainer::rootfs::archive {

class Decoder {
 public:
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual ~Decoder() = default;

  // Takes from the beginning of `in` and returns how much of `out` it filled. Neither taking nor
  // filling anything: it needs more. `last`: behind `in` nothing comes.
  virtual Result<std::size_t> step(std::string_view& in, std::span<char> out, bool last) = 0;
  // Whether the stream may end here.
  [[nodiscard]] virtual bool complete() const = 0;
};

// Null for kNone.
std::unique_ptr<Decoder> make_decoder(Compression compression);

}  // namespace mycontainer::rootfs::archive
