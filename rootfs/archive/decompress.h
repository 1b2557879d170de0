// Takes the compression off a stream: gzip, zstd, xz, bzip2, or none. Any process; the stream may be
// hostile.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "reexec/sys/error.h"
#include "rootfs/archive/source.h"

namespace mycontainer::rootfs::archive {

enum class Compression : std::uint8_t { kNone, kGzip, kZstd, kXz, kBzip2 };

// By the first bytes of a stream. Pure.
Compression compression_of(std::string_view beginning);

// One level, by the stream's first bytes: what is inside is bytes, also when it is compressed
// again. Several streams of one kind after each other are one. A stream that is cut short is an
// error. It is the caller who counts how much comes out.
class Decompressor {
 public:
  explicit Decompressor(Source in);
  Decompressor(Decompressor&&) noexcept;
  Decompressor& operator=(Decompressor&&) = delete;
  ~Decompressor();

  // As a Source.
  Result<std::string_view> next();
  // Known after the first piece.
  [[nodiscard]] Compression compression() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mycontainer::rootfs::archive
