#include "runtime/state/traces.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/state/record.h"

namespace mycontainer::runtime::state {

namespace {

Result<void> remove_layer(const std::string& path, const RemoveForeignTree& remove_foreign) {
  auto removed = sys::remove_tree_at(AT_FDCWD, path);
  const bool foreign =
      !removed && (removed.error().code == EACCES || removed.error().code == EPERM);
  return foreign && remove_foreign ? remove_foreign(path) : removed;
}

}  // namespace

std::string upper_directory(const std::string& data_root, const std::string& id) {
  return data_root + "/upper/" + id;
}

std::string work_directory(const std::string& data_root, const std::string& id) {
  return data_root + "/work/" + id;
}

std::string owner_of_name(const std::string& state_root, const std::string& name) {
  std::string owner(64, '\0');
  const ssize_t length =
      ::readlink((state_root + "/names/" + name).c_str(), owner.data(), owner.size());
  owner.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  return owner;
}

void release_name(const std::string& state_root, const std::string& name, const std::string& id) {
  if (name.empty()) return;
  // Between the look and the unlink another could give the name away and a third one claim it.
  const UniqueFd names(::open((state_root + "/names").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!names || ::flock(names.get(), LOCK_EX) < 0) return;
  if (owner_of_name(state_root, name) == id) ::unlinkat(names.get(), name.c_str(), 0);
}

Result<void> remove_traces(const std::string& state_root, const Record& record,
                           const RemoveForeignTree& remove_foreign) {
  TRY_VOID(remove_layer(upper_directory(record.data_root, record.id), remove_foreign));
  TRY_VOID(remove_layer(work_directory(record.data_root, record.id), remove_foreign));
  release_name(state_root, record.name, record.id);
  return sys::remove_tree_at(AT_FDCWD, state_root + "/containers/" + record.id);
}

Result<bool> collect_if_stale(const Roots& roots, const std::string& id,
                              const RemoveForeignTree& remove_foreign) {
  const std::string path = roots.state + "/containers/" + id;
  const UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) return errno == ENOENT;
  if (::flock(directory.get(), LOCK_EX | LOCK_NB) < 0) return false;
  struct stat status {};
  if (::fstat(directory.get(), &status) < 0) return fail_errno("stat {}", path);
  // Another collector was quicker: what has the name now may be a living container's, made again.
  if (status.st_nlink == 0) return true;
  Record record;
  if (auto text = sys::read_file_at(directory.get(), "record.json")) record = from_json(*text);
  record.id = id;
  // Killed before the record was whole: nothing but the ordinary places can have been used yet.
  if (record.data_root.empty()) record.data_root = roots.data;
  // At once: who wants the name takes the lock that is held here for a living container's.
  release_name(roots.state, record.name, id);
  // Processes first: the parent death signal has usually ended them, but a setuid program escapes
  // it.
  TRY_VOID(cgroup::Cgroup::remove_stale(id, record.cgroup_parent, ::geteuid() != 0));
  TRY_VOID(remove_traces(roots.state, record, remove_foreign));
  return true;
}

}  // namespace mycontainer::runtime::state
