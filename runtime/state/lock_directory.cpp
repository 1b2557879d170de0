#include "runtime/state/lock_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace mycontainer::runtime::state {

Result<UniqueFd> lock_new_directory(const std::string& path) {
  UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory && errno == ENOENT) return UniqueFd();
  struct stat status {};
  if (!directory || ::flock(directory.get(), LOCK_EX) < 0 ||
      ::fstat(directory.get(), &status) < 0) {
    return fail_errno("lock {}", path);
  }
  return status.st_nlink == 0 ? UniqueFd() : std::move(directory);
}

}  // namespace mycontainer::runtime::state
