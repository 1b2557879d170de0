#include "reexec/sys/copy_bytes.h"

#include <sys/sendfile.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "reexec/sys/file.h"

namespace mycontainer::reexec::sys {

namespace {

constexpr std::uint64_t kMostAtOnce = std::uint64_t{64} << 20;
constexpr std::size_t kBufferSize = std::size_t{256} << 10;

enum class Way { kCopyFileRange, kSendfile, kReadAndWrite };

// What the kernel says when it cannot do it that way with these two.
bool is_refusal(int code) {
  return code == EINVAL || code == EXDEV || code == ENOSYS || code == EOPNOTSUPP || code == EBADF ||
         code == EPERM || code == ETXTBSY;
}

ssize_t read_and_write(int from, off_t& offset, std::size_t size, int to) {
  static thread_local std::vector<char> buffer(kBufferSize);
  const ssize_t count = ::pread(from, buffer.data(), std::min(size, buffer.size()), offset);
  if (count <= 0) return count;
  const auto written = write_all(to, {buffer.data(), static_cast<std::size_t>(count)});
  if (!written) {
    errno = written.error().code;
    return -1;
  }
  offset += count;
  return count;
}

ssize_t copy_some(Way way, int from, off_t& offset, std::size_t size, int to) {
  if (way == Way::kCopyFileRange) return ::copy_file_range(from, &offset, to, nullptr, size, 0);
  if (way == Way::kSendfile) return ::sendfile(to, from, &offset, size);
  return read_and_write(from, offset, size, to);
}

}  // namespace

Result<void> copy_bytes(int from, std::uint64_t size, int to) {
  Way way = Way::kCopyFileRange;
  off_t offset = 0;
  while (static_cast<std::uint64_t>(offset) < size) {
    const std::uint64_t left = size - static_cast<std::uint64_t>(offset);
    const auto wanted = static_cast<std::size_t>(std::min(left, kMostAtOnce));
    const ssize_t count = copy_some(way, from, offset, wanted, to);
    if (count > 0) continue;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && way != Way::kReadAndWrite && is_refusal(errno)) {
      way = way == Way::kCopyFileRange ? Way::kSendfile : Way::kReadAndWrite;
      continue;
    }
    if (count < 0) return fail_errno("write");
    // Some filesystems say so instead of refusing.
    if (way == Way::kCopyFileRange) {
      way = Way::kReadAndWrite;
      continue;
    }
    return fail_code(EIO, "read: the file is shorter than it was");
  }
  return {};
}

}  // namespace mycontainer::reexec::sys
