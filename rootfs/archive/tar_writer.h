// Writes a tar stream (POSIX pax) to a descriptor, member by member. Any process.
//
// Names are bytes and travel as bytes, as with GNU tar. Times have nanoseconds, extended attributes
// are SCHILY.xattr records, sparse files GNU.sparse 1.0: what GNU tar, bsdtar and Go's archive/tar
// read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/archive/entry.h"

struct archive;

namespace mycontainer::rootfs::archive {

class TarWriter {
 public:
  // `fd` stays the caller's. Who writes to a pipe ignores SIGPIPE.
  static Result<TarWriter> open(int fd);
  TarWriter(TarWriter&&) noexcept;
  TarWriter& operator=(TarWriter&&) = delete;
  ~TarWriter();

  // The member's header and, of a file with a size, its bytes from `data_fd`: exactly entry.size of
  // them, whatever the file has become meanwhile (zeros stand for what is gone).
  Result<void> add(const Entry& entry, int data_fd = -1);
  // The end of the archive. Without it the stream is cut short.
  Result<void> finish();

  // The length that a plain stream (a block for each header, no extensions) has up to now: what
  // Docker counts.
  [[nodiscard]] std::uint64_t plain_size() const { return plain_size_; }

 private:
  struct Free {
    void operator()(::archive* handle) const;
  };
  explicit TarWriter(std::unique_ptr<::archive, Free> handle);
  Result<void> add_bytes(const Entry& entry, int data_fd);
  Result<void> write(const char* bytes, std::size_t size);
  Result<void> write_zeros(std::uint64_t count);
  Result<void> copy(int data_fd, const Extent& extent);

  std::unique_ptr<::archive, Free> handle_;
  std::vector<char> buffer_;
  std::uint64_t plain_size_;
};

}  // namespace mycontainer::rootfs::archive
