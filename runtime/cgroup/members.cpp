#include "runtime/cgroup/members.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::cgroup {

namespace {

using Stream = std::unique_ptr<DIR, int (*)(DIR*)>;

Stream open_stream(int at, const std::string& path) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd fd(::openat(at, path.c_str(), kFlags));
  DIR* stream = fd ? ::fdopendir(fd.get()) : nullptr;
  if (stream != nullptr) std::ignore = fd.release();  // closedir() closes it
  return {stream, ::closedir};
}

std::vector<std::string> children_of(int at, const std::string& path) {
  std::vector<std::string> names;
  // Each child adds a link: most cgroups need not be listed.
  struct stat status {};
  if (::fstatat(at, path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_nlink == 2) {
    return names;
  }
  const Stream stream = open_stream(at, path);
  while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    if (entry->d_type == DT_DIR && name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

void add_numbers(std::string_view text, std::vector<pid_t>& pids) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    pid_t pid = 0;
    std::from_chars(text.data(), text.data() + end, pid);
    pids.push_back(pid);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::vector<pid_t> numbers_of(int dir) {
  std::vector<pid_t> pids;
  for (const std::string& path : tree_of(dir)) {
    if (const auto text = sys::read_file_at(dir, path + "/cgroup.procs")) add_numbers(*text, pids);
  }
  return pids;
}

}  // namespace

std::vector<std::string> tree_of(int dir) {
  std::vector<std::string> paths{"."};
  for (std::size_t next = 0; next < paths.size(); ++next) {
    for (const std::string& name : children_of(dir, paths[next])) {
      paths.push_back(paths[next] + "/" + name);
    }
  }
  return paths;
}

std::vector<pid_t> members_of(int dir) {
  std::vector<pid_t> pids = numbers_of(dir);
  std::erase(pids, 0);  // of a PID namespace that we do not see
  std::ranges::sort(pids);
  return pids;
}

std::size_t population_of(int dir) { return numbers_of(dir).size(); }

// A number read from cgroup.procs may be another process's by now. A pidfd pins who it is, and a
// member that is still listed afterwards is the one we hold or, if that one died, ESRCH.
void signal_members(int dir, const std::vector<pid_t>& pids, int signal) {
  std::vector<std::pair<pid_t, UniqueFd>> held;
  for (const pid_t pid : pids) {
    UniqueFd pidfd(sys::pidfd_open(pid, 0));
    if (pidfd) held.emplace_back(pid, std::move(pidfd));
  }
  const std::vector<pid_t> still = members_of(dir);
  for (const auto& [pid, pidfd] : held) {
    if (std::ranges::binary_search(still, pid)) sys::pidfd_send_signal(pidfd.get(), signal);
  }
}

}  // namespace mycontainer::runtime::cgroup
