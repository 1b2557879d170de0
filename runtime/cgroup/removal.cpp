// The end of a cgroup: killing what runs in it, waiting, removing the directories.
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <utility>

#include "reexec/sys/file.h"
#include "runtime/cgroup/leaf.h"
#include "runtime/cgroup/members.h"
#include "runtime/cgroup/pause.h"

namespace mycontainer::runtime::cgroup {

namespace {

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
    std::ignore = thaw_leaf(leaf);  // each time: somebody may be about to freeze it
    std::vector<pid_t> pids = members_of(leaf.dir.get());
    if (pids.empty()) return {};
    if (pause.over()) return still_running(leaf, pids);
    const bool more = pids.size() > kAtOnce;
    if (more) pids.resize(kAtOnce);
    signal_members(leaf.dir.get(), pids, SIGKILL);
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
  // A process frozen by v1 dies only once it is thawed.
  if (leaf.version == Version::kV1) return kill_by_hand(leaf, patience);
  auto killed = sys::write_file_at(leaf.dir.get(), "cgroup.kill", "1");
  if (killed) return {};
  if (killed.error().code == ENODEV) return {};  // removed meanwhile
  if (killed.error().code != ENOENT) {
    return within(leaf.parent_path + "/" + leaf.name, std::move(killed).error());
  }
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
