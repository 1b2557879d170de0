#include "reexec/sys/replace_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "reexec/sys/file.h"

namespace mycontainer::reexec::sys {

namespace {

// What stands there may be anything: a fifo must not make us wait, a link lead us elsewhere.
constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK;

Result<void> write(int dirfd, const std::string& temporary, std::string_view bytes, mode_t mode,
                   bool sync) {
  TRY(const UniqueFd fd, open_at(dirfd, temporary, kFlags, mode));
  TRY_VOID(write_all(fd.get(), bytes));
  if (sync && ::fsync(fd.get()) < 0) return fail_errno("sync {}", temporary);
  return {};
}

Result<void> replace(int dirfd, const std::string& name, std::string_view bytes, mode_t mode,
                     bool sync) {
  const std::string temporary = name + ".tmp";
  const auto written = write(dirfd, temporary, bytes, mode, sync);
  if (!written) {
    // On a full disk it is in the way of what could make room.
    ::unlinkat(dirfd, temporary.c_str(), 0);
    return fail_code(written.error().code, "write {}", name);
  }
  if (::renameat(dirfd, temporary.c_str(), dirfd, name.c_str()) < 0) {
    return fail_errno("rename {}", temporary);
  }
  return {};
}

}  // namespace

Result<void> replace_file_at(int dirfd, const std::string& name, std::string_view bytes,
                             mode_t mode) {
  return replace(dirfd, name, bytes, mode, false);
}

Result<void> replace_file_durably_at(int dirfd, const std::string& name, std::string_view bytes,
                                     mode_t mode) {
  return replace(dirfd, name, bytes, mode, true);
}

}  // namespace mycontainer::reexec::sys
