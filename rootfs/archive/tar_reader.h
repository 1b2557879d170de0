// Reads a tar stream, member by member: ustar, pax, GNU and old forms. Any process; the stream may
// be hostile.
//
// What a member says is handed on unjudged: its path may be absolute or lead through "..", its
// sizes may be lies, and it is unpack()'s affair (unpack.h) what becomes of it. Headers are bounded
// (1 MiB each) by the library.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "reexec/sys/error.h"
#include "rootfs/archive/entry.h"
#include "rootfs/archive/source.h"

namespace mycontainer::rootfs::archive {

class TarReader {
 public:
  // `fd` stays the caller's, and need not be seekable. Plain, or compressed with gzip or zstd.
  static Result<TarReader> open(int fd);
  // Plain; compression is another's affair (decompress.h). Its end is not waited for: after the
  // last member the source may have more. Errors of the source come back as they are.
  static Result<TarReader> open(Source source);
  TarReader(TarReader&&) noexcept;
  TarReader& operator=(TarReader&&) = delete;
  ~TarReader();

  // The next member; nothing at the end. What was not read of the one before is skipped.
  Result<std::optional<Entry>> next();

  // The next bytes of the member and where in the file they belong; nothing after the last. Valid
  // until the next call.
  struct Block {
    std::uint64_t offset = 0;
    std::string_view bytes;
  };
  Result<std::optional<Block>> read();

  // Where in the (uncompressed) stream the bytes of the member that next() returned begin, if it
  // has any and no holes; before the first read().
  [[nodiscard]] std::uint64_t position() const;

 private:
  struct State;
  explicit TarReader(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace mycontainer::rootfs::archive
