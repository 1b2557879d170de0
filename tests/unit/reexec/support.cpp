#include "tests/unit/reexec/support.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "reexec/sys/file.h"

namespace mycontainer::reexec::testing {

bool same_file(int one, int other) {
  struct stat first {};
  struct stat second {};
  return ::fstat(one, &first) == 0 && ::fstat(other, &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

int open_descriptor_count() {
  const std::filesystem::directory_iterator fds("/proc/self/fd");
  return static_cast<int>(std::distance(begin(fds), end(fds)));
}

char state_of(pid_t pid) {
  const std::string text = read_text("/proc/" + std::to_string(pid) + "/stat");
  const auto parenthesis = text.rfind(')');
  return parenthesis == std::string::npos ? '-' : text.at(parenthesis + 2);
}

int child_count() {
  std::istringstream children(read_text("/proc/thread-self/children"));
  int count = 0;
  for (std::string word; children >> word;) ++count;
  return count;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = "/tmp/mycontainer-test-XXXXXX";
  path_ = ::mkdtemp(name.data());
}

TemporaryDirectory::~TemporaryDirectory() { std::filesystem::remove_all(path_); }

std::string read_text(const std::string& path) {
  return sys::read_file_at(AT_FDCWD, path).value_or("");
}

}  // namespace mycontainer::reexec::testing
