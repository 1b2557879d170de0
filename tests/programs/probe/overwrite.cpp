#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>

#include "tests/programs/probe/probe.h"

namespace mycontainer::probe {
namespace {

using FileId = std::pair<dev_t, ino_t>;

FileId identity(int fd) {
  struct stat status {};
  ::fstat(fd, &status);
  return {status.st_dev, status.st_ino};
}

// Holds on to the executable of every process that lets us, ours excepted.
void collect(std::map<FileId, int>& held, const FileId& own) {
  DIR* directory = ::opendir("/proc");
  if (directory == nullptr) return;
  while (const dirent* entry = ::readdir(directory)) {
    const std::string path = std::string("/proc/") + entry->d_name + "/exe";
    const int fd = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (fd < 0) continue;
    const FileId id = identity(fd);
    if (id == own || !held.emplace(id, fd).second) ::close(fd);
  }
  ::closedir(directory);
}

// A running program refuses writers (ETXTBSY), so this succeeds only once its processes are gone.
bool overwrite(int held) {
  const std::string path = "/proc/self/fd/" + std::to_string(held);
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool written = ::write(fd, "overwritten", 11) == 11;
  ::close(fd);
  return written;
}

}  // namespace

int act_overwrite(Args args) {
  const int self = ::open("/proc/self/exe", O_PATH | O_CLOEXEC);
  const FileId own = identity(self);
  std::map<FileId, int> held;
  int overwritten = 0;
  const time_t end = ::time(nullptr) + (args.empty() ? 1 : std::atoi(args[0]));
  std::printf("ready\n");
  while (::time(nullptr) < end) {
    collect(held, own);
    for (const auto& [id, fd] : held) overwritten += overwrite(fd) ? 1 : 0;
  }
  std::printf("held=%zu\noverwritten=%d\n", held.size(), overwritten);
  return 0;
}

}  // namespace mycontainer::probe
