#include "rootfs/archive/source_callback.h"

#include <unistd.h>

#include <vector>

#include "rootfs/archive/member.h"

namespace mycontainer::rootfs::archive {

la_ssize_t SourceCallback::read(::archive* handle, void* self, const void** bytes) {
  auto& callback = *static_cast<SourceCallback*>(self);
  auto piece = callback.source();
  if (!piece) {
    archive_set_error(handle, piece.error().code, "%s", piece.error().operation.c_str());
    callback.error_ = std::move(piece).error();
    return -1;
  }
  *bytes = piece->data();
  return static_cast<la_ssize_t>(piece->size());
}

int SourceCallback::open(::archive* handle) {
  return archive_read_open(handle, this, nullptr, &SourceCallback::read, nullptr);
}

Failure SourceCallback::failure(::archive* handle, const std::string& what) {
  if (error_) return Failure(*error_);
  return library_failure(handle, what);
}

Source read_from(int fd, std::size_t piece) {
  auto buffer = std::make_shared<std::vector<char>>(piece);
  return [fd, buffer]() -> Result<std::string_view> {
    while (true) {
      const ssize_t count = ::read(fd, buffer->data(), buffer->size());
      if (count >= 0) return std::string_view(buffer->data(), static_cast<std::size_t>(count));
      if (errno != EINTR) return fail_errno("read");
    }
  };
}

}  // namespace mycontainer::rootfs::archive
