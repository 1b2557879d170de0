// The collector: what a killed supervisor left is found by its unlocked directory and removed in
// the order that keeps it findable.
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "reexec/sys/file.h"
#include "reexec/sys/log.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/state/live_container.h"
#include "runtime/state/record.h"

namespace mycontainer::runtime::state {

namespace {

Result<void> remove_stale(const Roots& roots, const std::string& id, int directory,
                          const RemoveForeignTree& remove_foreign) {
  Record record;
  if (auto text = sys::read_file_at(directory, "record.json")) record = from_json(*text);
  // Killed before the record was whole: nothing but the ordinary places can have been used yet.
  if (record.data_root.empty()) record.data_root = roots.data;
  // Processes first: the parent death signal has usually ended them, but a setuid program escapes
  // it.
  TRY_VOID(cgroup::Cgroup::remove_stale(id, record.cgroup_parent, ::geteuid() != 0));
  TRY_VOID(remove_layer(record.data_root + "/containers/" + id, remove_foreign));
  if (!record.name.empty()) ::unlink((roots.state + "/names/" + record.name).c_str());
  return sys::remove_tree_at(AT_FDCWD, roots.state + "/containers/" + id);
}

void collect_one(const Roots& roots, int containers, const char* id,
                 const RemoveForeignTree& remove_foreign) {
  const UniqueFd directory(::openat(containers, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::flock(directory.get(), LOCK_EX | LOCK_NB) < 0) return;  // gone, or alive
  if (auto done = remove_stale(roots, id, directory.get(), remove_foreign); !done) {
    log_warn("stale container {}: {}", id, done.error().message());
  }
}

}  // namespace

Result<void> remove_layer(const std::string& path, const RemoveForeignTree& remove_foreign) {
  auto removed = sys::remove_tree_at(AT_FDCWD, path);
  if (removed || (removed.error().code != EACCES && removed.error().code != EPERM)) return removed;
  return remove_foreign ? remove_foreign(path) : removed;
}

void collect_stale(const Roots& roots, const RemoveForeignTree& remove_foreign) {
  std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir((roots.state + "/containers").c_str()),
                                             ::closedir);
  if (!stream) return;
  while (const dirent* entry = ::readdir(stream.get())) {
    if (entry->d_name[0] == '.') continue;
    collect_one(roots, ::dirfd(stream.get()), entry->d_name, remove_foreign);
  }
}

}  // namespace mycontainer::runtime::state
