// A Source as libarchive reads one. Private to rootfs/archive.
#pragma once

#include <archive.h>

#include <memory>
#include <optional>
#include <string>

#include "reexec/sys/error.h"
#include "rootfs/archive/source.h"

namespace mycontainer::rootfs::archive {

struct FreeReader {
  void operator()(::archive* handle) const { archive_read_free(handle); }
};
using ReadHandle = std::unique_ptr<::archive, FreeReader>;

// Must stay where it is while a handle reads from it.
class SourceCallback {
 public:
  explicit SourceCallback(Source in) : source(std::move(in)) {}
  SourceCallback(const SourceCallback&) = delete;
  SourceCallback& operator=(const SourceCallback&) = delete;

  int open(::archive* handle);
  // The source's own error when it was the reason, else what the library says.
  Failure failure(::archive* handle, const std::string& what);

  Source source;

 private:
  static la_ssize_t read(::archive* handle, void* self, const void** bytes);

  std::optional<Error> error_;
};

}  // namespace mycontainer::rootfs::archive
