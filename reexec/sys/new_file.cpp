#include "reexec/sys/new_file.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "reexec/sys/file.h"

namespace mycontainer::reexec::sys {

namespace {

std::string temporary_name(const std::string& name) {
  std::uint64_t number = 0;
  (void)::getrandom(&number, sizeof number, 0);
  return fmt::format(".{}.{:016x}", name.substr(0, 200), number);
}

struct Free {
  void operator()(char* text) const { std::free(text); }
};

// Where a link leads, or the path itself: the link is to stay.
std::string followed(const std::string& path) {
  const std::unique_ptr<char, Free> real(::realpath(path.c_str(), nullptr));
  return real ? std::string(real.get()) : path;
}

}  // namespace

Result<NewFile> NewFile::create(const std::string& path, mode_t mode) {
  NewFile made;
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) return fail_code(EISDIR, "write {}", path);
  if (exists && !S_ISREG(status.st_mode)) {
    TRY(made.file_, open_at(AT_FDCWD, path, O_WRONLY | O_NOCTTY));
    return made;
  }
  const std::string real = exists ? followed(path) : path;
  const std::size_t slash = real.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : real.substr(0, slash + 1);
  made.name_ = slash == std::string::npos ? real : real.substr(slash + 1);
  if (made.name_.empty()) return fail_code(EISDIR, "write {}", path);
  TRY(made.directory_, open_at(AT_FDCWD, parent, O_RDONLY | O_DIRECTORY));
  if (auto file = open_at(made.directory_.get(), ".", O_TMPFILE | O_WRONLY, mode)) {
    made.file_ = std::move(*file);
    return made;
  }
  made.temporary_ = temporary_name(made.name_);
  auto file = open_at(made.directory_.get(), made.temporary_, O_WRONLY | O_CREAT | O_EXCL, mode);
  if (!file) {
    made.temporary_.clear();
    return fail_code(file.error().code, "write {}", path);
  }
  made.file_ = std::move(*file);
  return made;
}

NewFile::NewFile(NewFile&& other) noexcept
    : directory_(std::move(other.directory_)),
      file_(std::move(other.file_)),
      name_(std::exchange(other.name_, {})),
      temporary_(std::exchange(other.temporary_, {})) {}

NewFile::~NewFile() {
  if (!temporary_.empty()) (void)::unlinkat(directory_.get(), temporary_.c_str(), 0);
}

Result<void> NewFile::name_unnamed() {
  std::string temporary = temporary_name(name_);
  if (::linkat(AT_FDCWD, fd_path(file_.get()).c_str(), directory_.get(), temporary.c_str(),
               AT_SYMLINK_FOLLOW) < 0) {
    return fail_errno("write {}", name_);
  }
  temporary_ = std::move(temporary);
  return {};
}

Result<void> NewFile::commit() {
  if (name_.empty()) return {};
  if (temporary_.empty()) TRY_VOID(name_unnamed());
  if (::renameat(directory_.get(), temporary_.c_str(), directory_.get(), name_.c_str()) < 0) {
    return fail_errno("write {}", name_);
  }
  temporary_.clear();
  name_.clear();
  return {};
}

}  // namespace mycontainer::reexec::sys
