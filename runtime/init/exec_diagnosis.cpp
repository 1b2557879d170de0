#include "runtime/init/exec_diagnosis.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <utility>

#include "runtime/init/program_file.h"

namespace mycontainer::runtime::init {
namespace {

constexpr int kNotFound = 127;
constexpr int kNotExecutable = 126;
constexpr int kMaxInterpreters = 5;  // execve(2): a script's interpreter may be a script, and so on

// 0 when execve(2) would take the file, as far as its kind and mode say; else an errno value.
int executability(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return errno;
  if (!S_ISREG(status.st_mode)) return EACCES;
  return ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

// The end of a sentence about a file that is not there.
std::string why_missing(const std::string& path) {
  std::array<char, PATH_MAX> target{};
  const ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
  if (length > 0)
    return fmt::format("is a symbolic link to \"{}\", which does not exist in the container",
                       printable({target.data(), static_cast<std::size_t>(length)}));
  return "does not exist in the container";
}

std::string why_not_executable(const std::string& path, const struct stat& status) {
  if (S_ISDIR(status.st_mode)) return "is a directory";
  if (!S_ISREG(status.st_mode)) return "is not a regular file";
  struct statvfs filesystem {};
  if (::statvfs(path.c_str(), &filesystem) == 0 && (filesystem.f_flag & ST_NOEXEC) != 0)
    return "lies on a filesystem that is mounted noexec";
  if ((status.st_mode & 0111) == 0) return "has no execute permission: run chmod +x on it";
  if (::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) != 0)
    return fmt::format("may not be executed by user {}: its mode is {:04o} and its owner {}",
                       ::geteuid(), status.st_mode & 07777u, status.st_uid);
  return {};
}

// The end of a sentence about what keeps the file itself from being executed; "" for nothing.
std::string trouble_with_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return why_not_executable(path, status);
  switch (errno) {
    case ENOENT:
      return why_missing(path);
    case ENOTDIR:
      return "cannot exist: a part of its path is not a directory";
    case EACCES:
      return fmt::format("cannot be reached: user {} may not enter one of its directories",
                         ::geteuid());
    case ELOOP:
      return "is a symbolic link that leads to itself";
    default:
      return {};
  }
}

// The end of the sentence `the script exists, but its interpreter "/bin/bash^M" ...`.
std::string why_interpreter_missing(const ProgramFile& file) {
  if (file.kind == ProgramFile::Kind::kElf)
    return "does not: it was linked for another C library; use a static build, or an image with it";
  if (file.interpreter.ends_with('\r')) return "does not: the file has Windows line endings";
  return "does not: install it in the image, or correct the first line";
}

bool is_missing(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) != 0 && errno == ENOENT;
}

// What is wrong with the file or with what it needs in turn, as a sentence that calls it `name`; ""
// when all looks well.
std::string explain(std::string path, std::string name) {
  std::string subject = name;
  for (int depth = 0; depth <= kMaxInterpreters; ++depth) {
    if (const std::string trouble = trouble_with_file(path); !trouble.empty())
      return subject.append(" ").append(trouble);
    ProgramFile file = inspect_program(path);
    if (!file.flaw.empty()) return subject.append(" ").append(file.flaw);
    if (file.interpreter.empty()) return {};

    const bool is_script = file.kind == ProgramFile::Kind::kScript;
    if (depth == 0) name = is_script ? "the script" : "the program";
    const std::string needed = fmt::format("its {} \"{}\"", is_script ? "interpreter" : "loader",
                                           printable(file.interpreter));
    subject = fmt::format("{} exists, but {}", name, needed);
    if (is_missing(file.interpreter)) return subject + " " + why_interpreter_missing(file);
    name = needed;
    path = std::move(file.interpreter);
  }
  return "the script's interpreter is a script, whose interpreter is a script, and so on: too deep";
}

std::string hint_for(const std::string& path, int code) {
  switch (code) {
    case E2BIG:
      return "arguments and environment together are more than the kernel takes";
    case ETXTBSY:
      return "somebody has the file open for writing";
    case ENOENT:
    case EACCES:
    case ENOEXEC:
    case ENOTDIR:
    case ELOOP:
    case ELIBBAD:
    case EISDIR:
    case EINVAL:
      return explain(path, "the file");
    default:
      return {};
  }
}

// The files behind preserved descriptors are not in their places yet: execve(2) judges those.
Result<std::string> checked(const std::string& path) {
  const int code =
      path.starts_with("/proc/") || path.starts_with("/dev/") ? 0 : executability(path);
  if (code != 0) return Failure(diagnose_exec(path, code));
  return path;
}

}  // namespace

Result<std::string> resolve_in_path(const std::string& name, std::string_view path) {
  if (name.find('/') != name.npos) return checked(name);
  std::string denied;
  while (!name.empty()) {
    const auto colon = path.find(':');
    const std::string_view directory = path.substr(0, colon);
    std::string candidate = (directory.empty() ? "." : std::string(directory)) + "/" + name;
    const int code = executability(candidate);
    if (code == 0) return candidate;
    struct stat status {};
    if (code == EACCES && ::stat(candidate.c_str(), &status) == 0 && S_ISREG(status.st_mode))
      denied = std::move(candidate);
    if (colon == path.npos) break;
    path.remove_prefix(colon + 1);
  }
  if (!denied.empty())
    return Failure(Error{fmt::format("exec: \"{}\"", printable(name)), EACCES,
                         explain(denied, printable(denied)), kNotExecutable});
  return Failure(
      Error{fmt::format("exec: \"{}\": executable file not found in $PATH", printable(name)),
            0,
            {},
            kNotFound});
}

Result<void> check_program(const std::string& path) {
  const int code = executability(path);
  if (code == 0) return {};
  return Failure(diagnose_exec(path, code));
}

Error diagnose_exec(const std::string& path, int code) {
  return {fmt::format("exec {}", printable(path)), code, hint_for(path, code),
          code == ENOENT ? kNotFound : kNotExecutable};
}

}  // namespace mycontainer::runtime::init
