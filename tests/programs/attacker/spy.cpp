// What other processes' directories in /proc lead to.
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "tests/programs/attacker/attacker.h"

namespace mycontainer::attacker {
namespace {

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) return names;
  while (const dirent* entry = ::readdir(directory)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  ::closedir(directory);
  return names;
}

// Processes that are neither ours nor the container's first.
std::vector<pid_t> others() {
  std::vector<pid_t> pids;
  for (const std::string& name : names_in("/proc")) {
    const pid_t pid = std::atoi(name.c_str());
    if (pid > 1 && pid != ::getpid() && pid != ::getppid()) pids.push_back(pid);
  }
  return pids;
}

class Spy {
 public:
  explicit Spy(std::string file) : file_(std::move(file)), own_root_(identity("/")) {}
  void look(pid_t pid);
  [[nodiscard]] std::size_t processes() const { return seen_.size(); }
  [[nodiscard]] int hits() const { return hits_; }

 private:
  static std::pair<dev_t, ino_t> identity(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) < 0) return {};
    return {status.st_dev, status.st_ino};
  }
  void try_place(const std::string& link);

  std::string file_;
  std::pair<dev_t, ino_t> own_root_;
  std::set<pid_t> seen_;
  int hits_ = 0;
};

// From the place itself, and from as far up as ".." goes.
void Spy::try_place(const std::string& link) {
  const std::string up = "/../../../../../../../../..";
  for (const std::string& way : {file_, up + file_}) {
    const int fd = ::open((link + way).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) continue;
    ++hits_;
    std::printf("hit %s\n", (link + way).c_str());
    ::close(fd);
  }
}

void Spy::look(pid_t pid) {
  seen_.insert(pid);
  const std::string process = "/proc/" + std::to_string(pid);
  try_place(process + "/root");
  try_place(process + "/cwd");
  for (const std::string& fd : names_in(process + "/fd")) try_place(process + "/fd/" + fd);
}

}  // namespace

int spy(Args args) {
  Spy spy(args[0]);
  const time_t end = ::time(nullptr) + std::atoi(args[1]);
  std::printf("ready\n");
  while (::time(nullptr) < end) {
    for (const pid_t pid : others()) spy.look(pid);
  }
  std::printf("processes=%zu\nhits=%d\n", spy.processes(), spy.hits());
  return 0;
}

int stop(Args args) {
  const time_t end = ::time(nullptr) + std::atoi(args[0]);
  std::printf("ready\n");
  while (::time(nullptr) < end) {
    const std::vector<pid_t> pids = others();
    for (const pid_t pid : pids) ::kill(pid, SIGSTOP);
    for (const pid_t pid : pids) ::kill(pid, SIGCONT);
  }
  return 0;
}

}  // namespace mycontainer::attacker
