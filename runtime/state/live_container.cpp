#include "runtime/state/live_container.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "runtime/state/record.h"
#include "runtime/state/traces.h"

namespace mycontainer::runtime::state {

namespace {

// The parents exist from the second container on, so they are only made when the directory itself
// cannot be.
Result<void> make_directory(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0) return {};
  if (errno != ENOENT) return fail_errno("mkdir {}", path);
  TRY_VOID(sys::make_directories(path.substr(0, path.rfind('/')), 0700));
  if (::mkdir(path.c_str(), mode) < 0) return fail_errno("mkdir {}", path);
  return {};
}

// Empty when a collector met the directory before it was locked, and removed it. Waits for that: no
// living container has our id, so nobody else can hold the lock.
Result<UniqueFd> try_to_lock(const std::string& path) {
  UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory && errno == ENOENT) return UniqueFd();
  struct stat status {};
  if (!directory || ::flock(directory.get(), LOCK_EX) < 0 ||
      ::fstat(directory.get(), &status) < 0) {
    return fail_errno("lock {}", path);
  }
  return status.st_nlink == 0 ? UniqueFd() : std::move(directory);
}

// Made, and made again as often as a collector is quicker than the lock.
Result<UniqueFd> make_locked_directory(const std::string& path) {
  constexpr int kAttempts = 1000;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto made = make_directory(path, 0700);
    if (!made && made.error().code != EEXIST) return Failure(made.error());
    TRY(UniqueFd directory, try_to_lock(path));
    if (directory) return directory;
  }
  return fail("the directory {} is removed as often as it is made", path);
}

// Whether the name stays with its owner, whose lock is held: by itself, or by a collector that has
// just begun and releases the name first, as soon as it gets the processor.
bool is_kept(const std::string& state_root, const std::string& name, const std::string& owner) {
  constexpr int kLooks = 20;
  constexpr int kMicrosecondsBetween = 1000;
  for (int look = 0; look < kLooks; ++look) {
    ::usleep(kMicrosecondsBetween);
    if (owner_of_name(state_root, name) != owner) return false;
  }
  return true;
}

}  // namespace

LiveContainer::LiveContainer(std::string state_root, Record record,
                             RemoveForeignTree remove_foreign)
    : state_root_(std::move(state_root)),
      record_(std::move(record)),
      remove_foreign_(std::move(remove_foreign)),
      directory_(state_root_ + "/containers/" + record_.id) {}

LiveContainer::~LiveContainer() {
  if (lock_) (void)remove();
}

Result<LiveContainer> LiveContainer::create(const Roots& roots, Record record,
                                            RemoveForeignTree remove_foreign) {
  record.data_root = roots.data;
  LiveContainer container(roots.state, std::move(record), std::move(remove_foreign));
  TRY_VOID(container.make_directories());
  TRY_VOID(container.claim_name());
  return container;
}

Result<void> LiveContainer::make_directories() {
  TRY(lock_, make_locked_directory(directory_));
  TRY_VOID(sys::write_file_at(lock_.get(), "record.json", to_json(record_),
                              O_WRONLY | O_CREAT | O_EXCL, 0600));
  // The root of the container is what the upper directory is: everybody may enter it.
  TRY_VOID(make_directory(upper_directory(record_.data_root, record_.id), 0755));
  return make_directory(work_directory(record_.data_root, record_.id), 0700);
}

Result<void> LiveContainer::claim_name() {
  if (record_.name.empty()) return {};
  // Not ours to remove before it is ours.
  const std::string name = std::exchange(record_.name, {});
  const std::string link = state_root_ + "/names/" + name;
  TRY_VOID(sys::make_directories(state_root_ + "/names", 0700));
  constexpr int kAttempts = 10;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (::symlink(record_.id.c_str(), link.c_str()) == 0) {
      record_.name = name;
      return {};
    }
    if (errno != EEXIST) return fail_errno("claim the name {}", name);
    const std::string owner = owner_of_name(state_root_, name);
    if (owner.empty()) continue;
    TRY(const bool stale,
        collect_if_stale({record_.data_root, state_root_}, owner, remove_foreign_));
    if (!stale && is_kept(state_root_, name, owner)) {
      return fail("the container name \"{}\" is already in use by container {}", name,
                  owner.substr(0, 12));
    }
    release_name(state_root_, name, owner);
  }
  return fail("the container name \"{}\" is being claimed by others", name);
}

void LiveContainer::remove_volatile_marker() const {
  const std::string incompat = work_directory(record_.data_root, record_.id) + "/work/incompat";
  ::unlink((incompat + "/volatile/dirty").c_str());
  ::rmdir((incompat + "/volatile").c_str());
  ::rmdir(incompat.c_str());
}

Result<void> LiveContainer::remove() {
  const UniqueFd lock = std::move(lock_);
  return remove_traces(state_root_, record_, remove_foreign_);
}

}  // namespace mycontainer::runtime::state
