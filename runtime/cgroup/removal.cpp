// The end of a cgroup: killing what runs in it, waiting, removing the directories.
#include <dirent.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <memory>
#include <optional>
#include <utility>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"
#include "runtime/cgroup/leaf.h"

namespace mycontainer::runtime::cgroup {

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

// The wait between two looks where the kernel has no event to offer: 1 ms, then ever longer.
class Pause {
 public:
  explicit Pause(Milliseconds patience) : end_(Clock::now() + patience) {}
  [[nodiscard]] bool over() const { return Clock::now() >= end_; }
  [[nodiscard]] int left() const {
    const auto rest = std::chrono::ceil<Milliseconds>(end_ - Clock::now()).count();
    return static_cast<int>(std::clamp<long>(rest, 0, 60000));
  }
  void take() {
    ::poll(nullptr, 0, std::min(step_, left()));
    step_ = std::min(step_ * 2, 20);
  }

 private:
  Clock::time_point end_;
  int step_ = 1;
};

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
  const Stream stream = open_stream(at, path);
  while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    if (entry->d_type == DT_DIR && name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

// "." and every cgroup below it, parents before children. Paths and not descriptors: the container
// decides how deep they are.
std::vector<std::string> tree_of(int dir) {
  std::vector<std::string> paths{"."};
  for (std::size_t next = 0; next < paths.size(); ++next) {
    for (const std::string& name : children_of(dir, paths[next])) {
      paths.push_back(paths[next] + "/" + name);
    }
  }
  return paths;
}

void add_numbers(std::string_view text, std::vector<pid_t>& pids) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    pid_t pid = 0;
    std::from_chars(text.data(), text.data() + end, pid);
    if (pid > 0) pids.push_back(pid);  // 0: of a PID namespace that we do not see
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::vector<pid_t> members_of(int dir) {
  std::vector<pid_t> pids;
  for (const std::string& path : tree_of(dir)) {
    if (const auto text = sys::read_file_at(dir, path + "/cgroup.procs")) add_numbers(*text, pids);
  }
  std::ranges::sort(pids);
  return pids;
}

// A number read from cgroup.procs may be another process's by now. A pidfd pins who it is, and a
// member that is still listed afterwards is the one we hold or, if that one died, ESRCH.
void signal_members(int dir, const std::vector<pid_t>& pids) {
  std::vector<std::pair<pid_t, UniqueFd>> held;
  for (const pid_t pid : pids) {
    UniqueFd pidfd(sys::pidfd_open(pid, 0));
    if (pidfd) held.emplace_back(pid, std::move(pidfd));
  }
  const std::vector<pid_t> still = members_of(dir);
  for (const auto& [pid, pidfd] : held) {
    if (std::ranges::binary_search(still, pid)) sys::pidfd_send_signal(pidfd.get(), SIGKILL);
  }
}

Failure still_running(const Leaf& leaf, const std::vector<pid_t>& pids) {
  std::string names;
  for (const pid_t pid : pids) {
    if (names.size() > 60) {
      names += " ...";
      break;
    }
    names += (names.empty() ? "" : ", ") + std::to_string(pid);
  }
  return Failure(Error{fmt::format("cgroup {}/{} still holds {} processes: {}", leaf.parent_path,
                                   leaf.name, pids.size(), names),
                       EBUSY, "a process in uninterruptible sleep (state D in ps) cannot be killed",
                       0});
}

Result<void> kill_by_hand(const Leaf& leaf, Milliseconds patience) {
  constexpr std::size_t kAtOnce = 256;  // pidfds held at a time
  Pause pause(patience);
  while (true) {
    std::vector<pid_t> pids = members_of(leaf.dir.get());
    if (pids.empty()) return {};
    if (pause.over()) return still_running(leaf, pids);
    const bool more = pids.size() > kAtOnce;
    if (more) pids.resize(kAtOnce);
    signal_members(leaf.dir.get(), pids);
    if (!more) pause.take();
  }
}

// Returns when the v2 cgroup became empty, or was: then the kernel is only tidying up.
void wait_for_empty(int dir, Pause& pause) {
  const UniqueFd events(::openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC));
  const auto text = sys::read_all(events.get());
  if (!text || text->find("populated 1") == std::string::npos) return pause.take();
  pollfd poll{events.get(), POLLPRI, 0};
  ::poll(&poll, 1, pause.left());
}

}  // namespace

Result<void> kill_leaf(const Leaf& leaf, Milliseconds patience) {
  if (leaf.version == Version::kV1) {
    // A frozen process dies only once it is thawed. Other hierarchies have no such file.
    std::ignore = sys::write_file_at(leaf.dir.get(), "freezer.state", "THAWED");
    return kill_by_hand(leaf, patience);
  }
  auto killed = sys::write_file_at(leaf.dir.get(), "cgroup.kill", "1");
  if (killed) return {};
  if (killed.error().code == ENODEV) return {};  // removed meanwhile
  if (killed.error().code != ENOENT) {
    return within(leaf.parent_path + "/" + leaf.name, std::move(killed).error());
  }
  std::ignore = sys::write_file_at(leaf.dir.get(), "cgroup.freeze", "0");
  return kill_by_hand(leaf, patience);
}

Result<void> remove_leaf(const Leaf& leaf, Milliseconds patience) {
  Pause pause(patience);
  while (true) {
    if (::unlinkat(leaf.parent.get(), leaf.name.c_str(), AT_REMOVEDIR) == 0) return {};
    if (errno == ENOENT || errno == ENODEV) return {};
    if (errno != EBUSY && errno != ENOTEMPTY) {
      return fail_errno("remove cgroup {}/{}", leaf.parent_path, leaf.name);
    }
    std::vector<std::string> below = tree_of(leaf.dir.get());
    for (auto path = below.rbegin(); path + 1 != below.rend(); ++path) {
      ::unlinkat(leaf.dir.get(), path->c_str(), AT_REMOVEDIR);  // busy: the next round's
    }
    if (below.size() > 1 && ::unlinkat(leaf.parent.get(), leaf.name.c_str(), AT_REMOVEDIR) == 0) {
      return {};
    }
    if (pause.over()) return still_running(leaf, members_of(leaf.dir.get()));
    if (leaf.version == Version::kV2) {
      wait_for_empty(leaf.dir.get(), pause);
    } else {
      pause.take();
    }
  }
}

}  // namespace mycontainer::runtime::cgroup
