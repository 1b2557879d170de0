#include "reexec/sys/replace_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "reexec/sys/file.h"

namespace mycontainer::reexec::sys {

Result<void> replace_file_at(int dirfd, const std::string& name, std::string_view bytes,
                             mode_t mode) {
  const std::string temporary = name + ".tmp";
  // What stands there may be anything: a fifo must not make us wait, a link lead us elsewhere.
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK;
  const auto written = write_file_at(dirfd, temporary, bytes, kFlags, mode);
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

}  // namespace mycontainer::reexec::sys
