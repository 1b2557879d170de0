#include "runtime/container/descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::container {

Result<std::vector<int>> preserved_descriptors(int count) {
  constexpr int kFirst = 3;
  std::vector<int> descriptors;
  for (int fd = kFirst; fd < kFirst + count; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) return fail_errno("--preserve-fds: descriptor {}", fd);
    descriptors.push_back(fd);
  }
  return descriptors;
}

Result<void> write_pid_file(const std::string& path, pid_t pid) {
  if (path.empty()) return {};
  const std::size_t name = path.rfind('/') + 1;  // 0 without a slash: npos wraps around
  const std::string temporary = path.substr(0, name) + "." + path.substr(name) + ".tmp";
  // Others may write in that directory: never through a link that somebody has put there.
  ::unlink(temporary.c_str());
  TRY_VOID(sys::write_file_at(AT_FDCWD, temporary, std::to_string(pid),
                              O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644));
  if (::rename(temporary.c_str(), path.c_str()) < 0) return fail_errno("write {}", path);
  return {};
}

std::string session_keyring_of(const std::string& id) { return "_ses." + id; }

}  // namespace mycontainer::runtime::container
