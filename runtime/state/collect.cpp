#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <optional>

#include "reexec/sys/file.h"
#include "reexec/sys/log.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/network/membership.h"
#include "runtime/network/user_mode/leftover.h"
#include "runtime/state/event_log.h"
#include "runtime/state/live.h"
#include "runtime/state/names.h"
#include "runtime/state/places.h"
#include "runtime/state/volumes.h"

namespace mycontainer::runtime::state {

namespace {

// Those who look whether it is locked share the lock for a moment; a supervisor shares it with nobody.
bool lock_stale(int directory) {
  constexpr int kAttempts = 5;
  constexpr int kMicrosecondsBetween = 300;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (::flock(directory, LOCK_EX | LOCK_NB) == 0) return true;
    if (::flock(directory, LOCK_SH | LOCK_NB) < 0) return false;
    ::flock(directory, LOCK_UN);
    ::usleep(kMicrosecondsBetween);
  }
  return false;
}

bool is_gone(int directory) {
  struct stat status {};
  return ::fstat(directory, &status) == 0 && status.st_nlink == 0;
}

bool try_lock(const Container& container) {
  return ::flock(container.fd(), LOCK_EX | LOCK_NB) == 0 && !is_gone(container.fd());
}

bool may_have_run(const Record& record) {
  return record.state.status == Status::kRunning || record.state.status == Status::kRestarting;
}

// The record of a run whose supervisor is gone. The caller holds the container's lock.
Result<void> settle(const Roots& roots, Container& container, Record record,
                    const RemoveForeignTree& remove_foreign) {
  if (!may_have_run(record)) return {};
  record.state = orphaned_state(roots, record);
  record.state.finished = now();
  append_event(roots, container_event(record, "die",
                                      {{"exitCode", std::to_string(record.state.exit_code)}}));
  if (!record.auto_remove) return container.write(record);
  append_event(roots, container_event(record, "destroy"));
  TRY_VOID(container.remove(remove_foreign));
  remove_anonymous_volumes(roots, record, remove_foreign);
  return {};
}

// Waits for nobody: false when it is another's turn.
Result<bool> settle_if_free(const Roots& roots, const std::string& id,
                            const RemoveForeignTree& remove_foreign) {
  auto container = Container::open(roots, id);
  if (!container) return true;
  if (!try_lock(*container)) return is_gone(container->fd());
  const auto record = container->read();
  if (!record) return true;  // broken: the user's to remove
  if (may_have_run(*record)) {
    // It was started while its lock was waited for: only under it is there a record of a run
    // without a supervisor.
    if (is_supervised(roots, id)) return false;
    // Its live directory is gone, whoever removed it.
    TRY_VOID(cgroup::Cgroup::remove_stale(id, record->cgroup_parent, record->rootless));
  }
  TRY_VOID(settle(roots, *container, *record, remove_foreign));
  return true;
}

std::string cgroup_parent_of(const Roots& roots, const std::string& id) {
  const auto container = Container::open(roots, id);
  const auto record = container ? container->read() : Result<Record>(Failure(Error{}));
  return record ? record->cgroup_parent : std::string();
}

// Made by a command that was killed before it had written the record, or while it removed it.
bool is_unfinished(const Container& container) {
  return std::ranges::none_of(std::array{"record.json", "upper", "config.json"}, [&](auto* name) {
    return ::faccessat(container.fd(), name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  });
}

void remove_unfinished(const Roots& roots, const std::string& id,
                       const RemoveForeignTree& remove_foreign) {
  auto container = Container::open(roots, id);
  if (!container || !try_lock(*container) || !is_unfinished(*container)) return;
  (void)container->remove(remove_foreign);
}

// Of `count` directories so many in a row, from a random one on: each is met as often as any other.
struct Window {
  long first = 0, end = std::numeric_limits<long>::max();
};
Window random_window(long count, long size) {
  if (count <= size) return {};
  const long first = static_cast<long>(now() / 1000 % (count + size - 1)) - size + 1;
  return {first, first + size};
}

// Looks at all live directories, or only at so many.
void collect_window(const Roots& roots, std::optional<long> size,
                    const RemoveForeignTree& remove_foreign) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(containers_in(roots.state).c_str()),
                                                   ::closedir);
  struct stat status {};
  if (!stream || ::fstat(::dirfd(stream.get()), &status) < 0) return;
  // Each subdirectory is a link to its parent; a filesystem that does not count them says 1.
  const long count = static_cast<long>(status.st_nlink) - 2;
  const Window window = size ? random_window(count, *size) : Window{};
  long index = -1;
  while (const dirent* entry = ::readdir(stream.get())) {
    if (entry->d_name[0] == '.' || ++index < window.first) continue;
    if (index >= window.end) return;
    const auto done = collect_if_stale(roots, entry->d_name, remove_foreign);
    if (!done) log_warn("stale container {}: {}", entry->d_name, done.error().message());
  }
}

}  // namespace

Result<bool> collect_if_stale(const Roots& roots, const std::string& id,
                              const RemoveForeignTree& remove_foreign) {
  const std::string path = container_directory(roots.state, id);
  const UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) {
    if (errno != ENOENT) return fail_errno("open {}", path);
    return settle_if_free(roots, id, remove_foreign);
  }
  if (!lock_stale(directory.get())) return false;
  // Another collector was quicker: what has the name now may be a living container's, made again.
  if (is_gone(directory.get())) return true;
  // Processes first: the parent death signal has usually ended them, but a setuid program escapes
  // it.
  TRY_VOID(cgroup::Cgroup::remove_stale(id, cgroup_parent_of(roots, id), ::geteuid() != 0));
  network::end_leftover_provider(path);
  network::forget_member(places_of(roots), id, path);
  // From here on the record must be put right by us, so that the directory goes last.
  auto container = Container::open(roots, id);
  if (container) {
    if (!try_lock(*container)) return false;
    const auto record = container->read();
    if (record) TRY_VOID(settle(roots, *container, *record, remove_foreign));
    // Its supervisor had no time to write one, or was about to remove everything.
    if (!record && is_unfinished(*container)) TRY_VOID(container->remove(remove_foreign));
  }
  TRY_VOID(sys::remove_tree_at(AT_FDCWD, path));
  return true;
}

void collect_stale(const Roots& roots, const RemoveForeignTree& remove_foreign) {
  collect_window(roots, {}, remove_foreign);
}

void collect_some(const Roots& roots, const RemoveForeignTree& remove_foreign) {
  constexpr long kSome = 32;
  collect_window(roots, kSome, remove_foreign);
}

void collect_records(const Roots& roots, const RemoveForeignTree& remove_foreign) {
  const auto ids = list_ids(roots);
  if (!ids) return;
  for (const std::string& id : *ids) {
    if (is_supervised(roots, id)) continue;
    remove_unfinished(roots, id, remove_foreign);
    const auto settled = settle_if_free(roots, id, remove_foreign);
    if (!settled) log_warn("container {}: {}", id, settled.error().message());
  }
}

}  // namespace mycontainer::runtime::state
