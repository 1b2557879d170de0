#include "runtime/lifecycle/running.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <system_error>

#include "reexec/sys/file.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/state/live.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::lifecycle {

namespace {

std::vector<pid_t> all_processes() {
  std::vector<pid_t> pids;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    const auto [end, status] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (status == std::errc{} && end == name.data() + name.size()) pids.push_back(pid);
  }
  return pids;
}

// The number of its PID namespace; 0 when it is gone or not ours to look at.
ino_t pid_namespace_of(const std::string& process) {
  struct stat status {};
  return ::stat(fmt::format("/proc/{}/ns/pid", process).c_str(), &status) == 0 ? status.st_ino : 0;
}

// Field 4 of /proc/PID/stat; 0 when it is gone.
pid_t parent_of(pid_t pid) {
  const auto text = sys::read_file_at(AT_FDCWD, fmt::format("/proc/{}/stat", pid));
  const std::size_t name_end = text ? text->rfind(") ") : std::string::npos;
  constexpr std::size_t kToParent = 4;  // ") S "
  pid_t parent = 0;
  if (name_end == std::string::npos || text->size() < name_end + kToParent) return 0;
  std::from_chars(text->data() + name_end + kToParent, text->data() + text->size(), parent);
  return parent;
}

std::vector<pid_t> descendants_of(pid_t first) {
  std::multimap<pid_t, pid_t> children;
  for (const pid_t pid : all_processes()) children.emplace(parent_of(pid), pid);
  std::vector<pid_t> found{first};
  for (std::size_t next = 0; next < found.size(); ++next) {
    const auto [begin, end] = children.equal_range(found[next]);
    for (auto child = begin; child != end; ++child) found.push_back(child->second);
  }
  return found;
}

std::vector<pid_t> without_cgroup(pid_t first) {
  const ino_t wanted = pid_namespace_of(std::to_string(first));
  if (wanted == 0 || wanted == pid_namespace_of("self")) return descendants_of(first);
  auto pids = all_processes();
  std::erase_if(pids,
                [wanted](pid_t pid) { return pid_namespace_of(std::to_string(pid)) != wanted; });
  return pids;
}

}  // namespace

Failure not_running(const state::Roots& roots, const std::string& id) {
  const auto stored = state::Container::open(roots, id);
  const auto record = stored ? stored->read() : Result<state::Record>(Failure(Error{}));
  const bool restarts =
      record && state::effective_state(roots, *record).status == state::Status::kRestarting;
  const char* words = restarts ? "container {} is restarting, wait until it is running"
                               : "container {} is not running";
  return Failure(Error{fmt::format(fmt::runtime(words), id), 0, {}, 1});
}

Result<container::Inspection> inspect_running(const state::Roots& roots, const std::string& id) {
  container::Settings settings;
  settings.root = state::containers_in(roots.state);
  auto found = container::inspect(id, settings);
  if (!found && found.error().code != ENOENT) return found;
  const bool runs = found && (found->status == container::Status::kRunning ||
                              found->status == container::Status::kPaused);
  if (!runs) return not_running(roots, id);
  return found;
}

Result<std::vector<pid_t>> processes(const container::Inspection& running) {
  TRY(const auto cgroup, cgroup::Cgroup::reopen(running.record.cgroup));
  std::vector<pid_t> pids;
  if (cgroup.empty()) {
    pids = without_cgroup(running.record.pid);
  } else {
    TRY(pids, cgroup.processes());
  }
  std::ranges::sort(pids);
  return pids;
}

}  // namespace mycontainer::runtime::lifecycle
