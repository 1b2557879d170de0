#include "runtime/container/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "reexec/sys/file.h"
#include "reexec/sys/replace_file.h"
#include "runtime/oci/json.h"

namespace mycontainer::runtime::container {

namespace {

constexpr std::size_t kMaxId = 255;

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '+' || c == '.' || c == '-';
}

Failure does_not_exist(const std::string& id) {
  return Failure(Error{fmt::format("container \"{}\" does not exist", id), ENOENT, {}, 0});
}

}  // namespace

Result<void> check_id(const std::string& id) {
  const bool good = !id.empty() && id.size() <= kMaxId && id.front() != '.' && id.front() != '-' &&
                    std::ranges::all_of(id, is_id_character);
  if (good) return {};
  return fail("invalid container id \"{}\": not [A-Za-z0-9_+][A-Za-z0-9_+.-]* of at most {} bytes",
              id, kMaxId);
}

Result<StateDirectory> StateDirectory::create(const std::string& root, const std::string& id) {
  TRY_VOID(check_id(id));
  const std::string path = root + "/" + id;
  int made = ::mkdir(path.c_str(), 0700);
  if (made < 0 && errno == ENOENT) {
    TRY_VOID(sys::make_directories(root, 0700));
    made = ::mkdir(path.c_str(), 0700);
  }
  if (made < 0 && errno == EEXIST) return fail("container with id \"{}\" already exists", id);
  if (made < 0) return fail_errno("mkdir {}", path);
  auto fd = sys::open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!fd) {
    ::rmdir(path.c_str());
    return Failure(std::move(fd).error());
  }
  StateDirectory directory(root, id, std::move(*fd), true);
  if (::flock(directory.fd(), LOCK_EX) < 0) return fail_errno("lock {}", path);
  return directory;
}

Result<StateDirectory> StateDirectory::open(const std::string& root, const std::string& id) {
  TRY_VOID(check_id(id));
  const std::string path = root + "/" + id;
  auto fd = sys::open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (fd) return StateDirectory(root, id, std::move(*fd), false);
  if (fd.error().code == ENOENT) return does_not_exist(id);
  return Failure(std::move(fd).error());
}

StateDirectory::~StateDirectory() {
  if (fd_ && owned_) (void)remove();
}

Result<bool> StateDirectory::try_lock() {
  if (::flock(fd_.get(), LOCK_EX | LOCK_NB) == 0) return true;
  if (errno != EWOULDBLOCK) return fail_errno("lock {}", path());
  return false;
}

Result<void> StateDirectory::lock() {
  while (::flock(fd_.get(), LOCK_EX) < 0) {
    if (errno != EINTR) return fail_errno("lock {}", path());
  }
  struct stat status {};
  if (::fstat(fd_.get(), &status) < 0) return fail_errno("stat {}", path());
  if (status.st_nlink == 0) return does_not_exist(id_);
  locked_ = true;
  return {};
}

Result<void> StateDirectory::remove() {
  owned_ = false;
  return sys::remove_tree_at(AT_FDCWD, path());
}

bool StateDirectory::has(const char* name) const {
  return ::faccessat(fd_.get(), name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

Result<void> StateDirectory::write(const std::string& name, const std::string& text) const {
  return sys::replace_file_at(fd_.get(), name, text, 0600);
}

Result<Record> StateDirectory::read_record() const {
  const auto text = sys::read_regular_at(fd_.get(), "state.json");
  if (!text && text.error().code == ENOENT) {
    return fail("container \"{}\" is still being created, or its creation was broken off", id_);
  }
  if (!text) return Failure(text.error());
  TRY(Record record, from_json(*text));
  if (record.id != id_) return fail("container \"{}\": its state.json is that of another", id_);
  return record;
}

Result<oci::Spec> StateDirectory::read_spec() const {
  TRY(const std::string text, sys::read_regular_at(fd_.get(), "config.json"));
  return oci::from_json(text);
}

Result<std::vector<std::string>> list_ids(const std::string& root) {
  std::vector<std::string> ids;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(root.c_str()), ::closedir);
  if (!directory) {
    if (errno == ENOENT) return ids;
    return fail_errno("open {}", root);
  }
  while (const dirent* entry = ::readdir(directory.get())) {
    if (check_id(entry->d_name)) ids.emplace_back(entry->d_name);
  }
  std::ranges::sort(ids);
  return ids;
}

}  // namespace mycontainer::runtime::container
