#include "runtime/io/null_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include "reexec/sys/unique_fd.h"
#include "runtime/io/streams.h"

namespace mycontainer::runtime::io {
namespace {

Result<UniqueFd> open_null(int dev) {
  const UniqueFd found(::openat(dev, "null", O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!found) return fail_errno("find the container's /dev/null");
  if (classify(found.get()) != StreamKind::kNull) {
    return fail("the container's /dev/null is another file");
  }
  UniqueFd null(::openat(dev, "null", O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (!null) return fail_errno("open the container's /dev/null");
  if (classify(null.get()) != StreamKind::kNull) {
    return fail("the container's /dev/null is another file");
  }
  return null;
}

}  // namespace

Result<void> reopen_null_streams(int dev) {
  UniqueFd null;
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (classify(fd) != StreamKind::kNull) continue;
    if (!null) {
      TRY(null, open_null(dev));
    }
    if (::dup3(null.get(), fd, 0) < 0) return fail_errno("replace stream {}", fd);
  }
  return {};
}

}  // namespace mycontainer::runtime::io
