#include "runtime/log/files.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "reexec/sys/file.h"
#include "runtime/log/writer.h"

namespace mycontainer::runtime::log {
namespace {

constexpr const char* kNewName = "log.json.new";
constexpr int kMostTries = 1000;       // of looking while the writer rotates
constexpr unsigned kMostFiles = 1000;  // --log-opt max-file

Result<std::optional<LogFile>> open_file(int directory, const std::string& name) {
  UniqueFd fd(::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::optional<LogFile>();
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return fail_errno("open {}", name);
  if (!S_ISREG(status.st_mode)) return fail("{} is no regular file", name);
  return std::optional(LogFile{std::move(fd), status.st_dev, status.st_ino, status.st_size});
}

// Youngest first: what a rotation renames meanwhile, oldest first, is met once or twice but never
// missed. One number may be missing, that of the file which is about to get the next.
Result<std::vector<LogFile>> open_once(int directory) {
  std::vector<LogFile> files;
  int missing = 0;
  for (unsigned index = 0; index < kMostFiles && missing < 2; ++index) {
    TRY(auto file, open_file(directory, file_name(index)));
    missing = file ? 0 : missing + 1;
    const bool is_new = file && std::ranges::none_of(files, [&](auto& f) { return f.is(*file); });
    if (is_new) files.push_back(*std::move(file));
  }
  std::ranges::reverse(files);
  return files;
}

// Nothing was renamed while `files` were opened: a rotation always replaces log.json.
bool is_one_moment(int directory, const std::vector<LogFile>& files) {
  return !files.empty() && is_youngest(directory, files.back());
}

}  // namespace

std::string file_name(unsigned index) {
  return index == 0 ? kLogName : fmt::format("{}.{}", kLogName, index);
}

Result<UniqueFd> rotate(int directory, unsigned files) {
  TRY(auto fresh,
      sys::open_at(directory, kNewName, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW, 0600));
  for (unsigned index = files; index-- > 1;) {
    const std::string from = file_name(index - 1), to = file_name(index);
    if (::renameat(directory, from.c_str(), directory, to.c_str()) != 0 && errno != ENOENT) {
      return fail_errno("rename {} to {}", from, to);
    }
  }
  if (::renameat(directory, kNewName, directory, kLogName) != 0) {
    return fail_errno("rename {} to {}", kNewName, kLogName);
  }
  return fresh;
}

Result<std::vector<LogFile>> open_files(int directory) {
  for (int tries = 1;; ++tries) {
    TRY(auto files, open_once(directory));
    // Without log.json the writer is between two renames, or was killed there.
    if (files.empty() || tries == kMostTries || is_one_moment(directory, files)) return files;
    ::sched_yield();
  }
}

bool is_youngest(int directory, const LogFile& file) {
  struct stat status {};
  return ::fstatat(directory, kLogName, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         status.st_dev == file.device && status.st_ino == file.inode;
}

}  // namespace mycontainer::runtime::log
