#include "runtime/state/live_container.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "runtime/state/record.h"

namespace mycontainer::runtime::state {

namespace {

Result<void> make_parents(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string parent = path.substr(0, slash);
    if (::mkdir(parent.c_str(), 0700) < 0 && errno != EEXIST) return fail_errno("mkdir {}", parent);
  }
  return {};
}

// The parents exist from the second container on, so they are only made when the directory itself
// cannot be.
Result<void> make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  if (errno != ENOENT) return fail_errno("mkdir {}", path);
  TRY_VOID(make_parents(path));
  if (::mkdir(path.c_str(), 0700) < 0) return fail_errno("mkdir {}", path);
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
    const auto made = make_directory(path);
    if (!made && made.error().code != EEXIST) return Failure(made.error());
    TRY(UniqueFd directory, try_to_lock(path));
    if (directory) return directory;
  }
  return fail("the directory {} is removed as often as it is made", path);
}

}  // namespace

LiveContainer::LiveContainer(Record record, std::string state_root) noexcept
    : record_(std::move(record)),
      state_root_(std::move(state_root)),
      directory_(state_root_ + "/containers/" + record_.id),
      upper_(record_.data_root + "/containers/" + record_.id + "/upper"),
      work_(record_.data_root + "/containers/" + record_.id + "/work") {}

LiveContainer::~LiveContainer() {
  if (lock_) (void)remove();
}

Result<LiveContainer> LiveContainer::create(const Roots& roots, Record record) {
  record.data_root = roots.data;
  LiveContainer container(std::move(record), roots.state);
  TRY_VOID(container.make_directories());
  TRY_VOID(container.claim_name());
  return container;
}

Result<void> LiveContainer::make_directories() {
  TRY(lock_, make_locked_directory(directory_));
  TRY_VOID(sys::write_file_at(lock_.get(), "record.json", to_json(record_),
                              O_WRONLY | O_CREAT | O_EXCL, 0600));
  const std::string layer = record_.data_root + "/containers/" + record_.id;
  TRY_VOID(make_directory(layer));
  // The root of the container is what the upper directory is: everybody may enter it.
  if (::mkdir(upper_.c_str(), 0755) < 0) return fail_errno("mkdir {}", upper_);
  if (::mkdir(work_.c_str(), 0700) < 0) return fail_errno("mkdir {}", work_);
  return {};
}

Result<void> LiveContainer::claim_name() {
  if (record_.name.empty()) return {};
  const std::string link = state_root_ + "/names/" + record_.name;
  TRY_VOID(make_parents(link));
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (::symlink(record_.id.c_str(), link.c_str()) == 0) return {};
    if (errno != EEXIST) return fail_errno("claim the name {}", record_.name);
    std::string owner(64, '\0');
    const ssize_t length = ::readlink(link.c_str(), owner.data(), owner.size());
    owner.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    if (::access((state_root_ + "/containers/" + owner).c_str(), F_OK) == 0) {
      const std::string name = std::exchange(record_.name, {});  // not ours to remove
      return fail_code(0, "the container name \"{}\" is already in use by container {}", name,
                       owner.substr(0, 12));
    }
    // Its owner is gone without having let go of it.
    ::unlink(link.c_str());
  }
  return fail("the container name \"{}\" is being claimed by others", record_.name);
}

Result<void> LiveContainer::remove(const RemoveForeignTree& remove_foreign) {
  const UniqueFd lock = std::move(lock_);
  const std::string layer = record_.data_root + "/containers/" + record_.id;
  auto removed = remove_layer(layer, remove_foreign);
  if (!record_.name.empty()) ::unlink((state_root_ + "/names/" + record_.name).c_str());
  // The lock's own directory goes last: while it stands, a later command can find what is still
  // left.
  if (removed) removed = sys::remove_tree_at(AT_FDCWD, directory_);
  return removed;
}

}  // namespace mycontainer::runtime::state
