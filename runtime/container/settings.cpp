#include "runtime/container/settings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::container {

namespace {

bool in_user_namespace() {
  const auto map = sys::read_file_at(AT_FDCWD, "/proc/self/uid_map");
  return map && map->find("4294967295") == std::string::npos;
}

// In /tmp anybody may have made a directory of that name.
Result<std::string> private_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) < 0 && errno != EEXIST) return fail_errno("mkdir {}", path);
  struct stat status {};
  if (::lstat(path.c_str(), &status) < 0) return fail_errno("stat {}", path);
  const bool ours = S_ISDIR(status.st_mode) && status.st_uid == ::geteuid() &&
                    (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
  if (ours) return path;
  return fail("{} is not a directory of this user's alone; name another with --root", path);
}

Result<std::string> default_root() {
  if (::geteuid() == 0 && !in_user_namespace()) return std::string("/run/mycontainer-oci");
  const char* runtime_directory = std::getenv("XDG_RUNTIME_DIR");
  if (runtime_directory != nullptr && *runtime_directory == '/') {
    return std::string(runtime_directory) + "/mycontainer-oci";
  }
  return private_directory(fmt::format("/tmp/mycontainer-oci-{}", ::geteuid()));
}

// An absolute path, because the container's files are opened after the directory may have changed.
Result<std::string> absolute(const std::string& path) {
  if (path.starts_with('/')) return path;
  char* here = ::getcwd(nullptr, 0);
  if (here == nullptr) return fail_errno("find the working directory");
  std::string result = std::string(here) + "/" + path;
  ::free(here);
  return result;
}

}  // namespace

Result<Settings> with_defaults(Settings settings) {
  settings.is_rootless = settings.rootless.value_or(::geteuid() != 0 || in_user_namespace());
  if (settings.root.empty()) {
    TRY(settings.root, default_root());
  } else {
    TRY(settings.root, absolute(settings.root));
  }
  return settings;
}

}  // namespace mycontainer::runtime::container
