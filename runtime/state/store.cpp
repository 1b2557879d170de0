#include "runtime/state/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "reexec/sys/replace_file.h"
#include "runtime/oci/json.h"
#include "runtime/state/lock.h"
#include "runtime/state/lock_directory.h"
#include "runtime/state/names.h"

namespace mycontainer::runtime::state {

namespace {

constexpr const char* kRecord = "record.json";
constexpr const char* kConfig = "config.json";

// The parents exist from the second container on, so they are only made when the directory itself
// cannot be.
Result<void> make_directory(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0) return {};
  if (errno != ENOENT) return fail_errno("mkdir {}", path);
  TRY_VOID(sys::make_directories(path.substr(0, path.rfind('/')), 0700));
  if (::mkdir(path.c_str(), mode) < 0) return fail_errno("mkdir {}", path);
  return {};
}

Result<void> make_directory_at(int directory, const char* name, mode_t mode) {
  if (::mkdirat(directory, name, mode) == 0) return {};
  return fail_errno("mkdir {}", name);
}

Failure no_such_container(std::string_view word) {
  return Failure(Error{fmt::format("no such container: {}", word), 0, {}, 0});
}

// The upper and work directories may hold what other ids of a user namespace own.
Result<void> remove_layer(const std::string& path, const RemoveForeignTree& remove_foreign) {
  auto removed = sys::remove_tree_at(AT_FDCWD, path);
  const bool foreign =
      !removed && (removed.error().code == EACCES || removed.error().code == EPERM);
  return foreign && remove_foreign ? remove_foreign(path) : removed;
}

}  // namespace

Container::~Container() {
  if (fd_ && owned_) (void)remove(remove_foreign_);
}

Result<Container> Container::create(const Roots& roots, const Record& record, const oci::Spec& spec,
                                    RemoveForeignTree remove_foreign) {
  const std::string path = container_directory(roots.data, record.id);
  constexpr int kAttempts = 1000;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    // Nobody else may come near the setuid programs in its layer (CVE-2021-41091).
    TRY_VOID(make_directory(path, 0700));
    auto directory = lock_new_directory(path);
    if (!directory) ::rmdir(path.c_str());
    if (!directory) return Failure(std::move(directory).error());
    if (!*directory) continue;
    Container container(roots, record.id, std::move(*directory));
    container.owned_ = true;
    container.remove_foreign_ = std::move(remove_foreign);
    TRY_VOID(container.fill(record, spec));
    return container;
  }
  return fail("the directory of container {} is removed as often as it is made", record.id);
}

Result<void> Container::fill(const Record& record, const oci::Spec& spec) {
  // The record comes first: a directory without one was never finished, unless it has an upper.
  TRY_VOID(write(record));
  TRY_VOID(claim_name(roots_, record.name, id_, remove_foreign_));
  if (!record.foreground) TRY_VOID(write_spec(spec));
  if (!record.overlay) return {};
  // The root of the container is what the upper directory is: everybody may enter it.
  TRY_VOID(make_directory_at(fd_.get(), "upper", 0755));
  return make_directory_at(fd_.get(), "work", 0700);
}

Result<Container> Container::open(const Roots& roots, const std::string& id) {
  const std::string path = container_directory(roots.data, id);
  auto fd = sys::open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (fd) return Container(roots, id, std::move(*fd));
  if (fd.error().code == ENOENT) return no_such_container(id);
  return Failure(std::move(fd).error());
}

Result<void> Container::lock() {
  constexpr std::size_t kShort = 12;
  TRY_VOID(lock_patiently(fd_.get(), "container " + id_.substr(0, kShort)));
  struct stat status {};
  if (::fstat(fd_.get(), &status) < 0) return fail_errno("stat container {}", id_);
  if (status.st_nlink == 0) return no_such_container(id_);
  return {};
}

void Container::unlock() { ::flock(fd_.get(), LOCK_UN); }

Result<Record> Container::read() const {
  auto text = sys::read_regular_at(fd_.get(), kRecord);
  if (!text) {
    struct stat status {};
    const bool gone = ::fstat(fd_.get(), &status) == 0 && status.st_nlink == 0;
    if (gone) return no_such_container(id_);
    return Failure(std::move(text).error());
  }
  TRY(Record record, from_json(*text));
  if (record.id != id_) return fail("record.json: that of another container");
  return record;
}

Result<oci::Spec> Container::read_spec() const {
  auto text = sys::read_regular_at(fd_.get(), kConfig);
  if (!text && text.error().code == ENOENT) {
    text = sys::read_regular_at(AT_FDCWD, container_directory(roots_.state, id_) + "/" + kConfig);
  }
  if (!text) return Failure(std::move(text).error());
  return oci::from_json(*text);
}

Result<void> Container::write(const Record& record) const {
  return sys::replace_file_at(fd_.get(), kRecord, to_json(record), 0600);
}

Result<void> Container::write_spec(const oci::Spec& spec) const {
  return sys::replace_file_at(fd_.get(), kConfig, oci::to_compact_json(spec), 0600);
}

Result<Record> Container::change(const std::function<void(Record&)>& change) {
  TRY_VOID(lock());
  auto record = read();
  if (record) {
    change(*record);
    if (auto written = write(*record); !written) record = Failure(written.error());
  }
  unlock();
  return record;
}

void Container::keep() {
  owned_ = false;
  unlock();
}

Result<void> Container::remove(const RemoveForeignTree& remove_foreign) {
  owned_ = false;
  TRY_VOID(remove_layer(upper(), remove_foreign));
  TRY_VOID(remove_layer(work(), remove_foreign));
  if (const auto record = read()) {
    release_name(roots_, record->name, id_);
  } else {
    release_names_of(roots_, id_);
  }
  return sys::remove_tree_at(AT_FDCWD, directory());
}

Result<void> rename(const Container& container, Record& record, const std::string& name,
                    const RemoveForeignTree& remove_foreign) {
  if (name == record.name) return fail("the container has this name already");
  const std::string old = record.name;
  TRY_VOID(claim_name(container.roots(), name, record.id, remove_foreign));
  record.name = name;
  if (auto written = container.write(record); !written) {
    release_name(container.roots(), name, record.id);
    return written;
  }
  release_name(container.roots(), old, record.id);
  return {};
}

}  // namespace mycontainer::runtime::state
