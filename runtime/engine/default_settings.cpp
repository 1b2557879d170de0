#include "runtime/engine/default_settings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace mycontainer::runtime::engine {
namespace {

// The value of an environment variable that holds an absolute path, or "". The XDG base directory
// specification tells to ignore relative ones.
std::string_view directory_variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value == '/' ? std::string_view(value) : std::string_view{};
}

Result<std::string> user_data_root() {
  if (const auto data = directory_variable("XDG_DATA_HOME"); !data.empty()) {
    return fmt::format("{}/mycontainer", data);
  }
  if (const auto home = directory_variable("HOME"); !home.empty()) {
    return fmt::format("{}/.local/share/mycontainer", home);
  }
  return Failure(Error{"neither HOME nor XDG_DATA_HOME is set", 0,
                       "name a directory for the data with --root DIR", 0});
}

Result<std::string> private_directory_in_tmp(uid_t uid) {
  std::string path = fmt::format("/tmp/mycontainer-{}", uid);
  if (::mkdir(path.c_str(), 0700) < 0 && errno != EEXIST) return fail_errno("mkdir {}", path);
  struct stat status {};
  if (::lstat(path.c_str(), &status) < 0) return fail_errno("stat {}", path);
  const bool is_private = S_ISDIR(status.st_mode) && status.st_uid == uid &&
                          (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
  if (is_private) return path;
  return Failure(Error{fmt::format("{} is not a directory of yours alone", path), 0,
                       "remove it, set XDG_RUNTIME_DIR, or name another with --state-root DIR", 0});
}

Result<std::string> user_state_root(uid_t uid) {
  if (const auto runtime = directory_variable("XDG_RUNTIME_DIR"); !runtime.empty()) {
    return fmt::format("{}/mycontainer", runtime);
  }
  return private_directory_in_tmp(uid);
}

}  // namespace

Result<state::Roots> with_defaults(state::Roots roots) {
  const uid_t uid = ::geteuid();
  if (roots.data.empty()) {
    roots.data = "/var/lib/mycontainer";
    if (uid != 0) {
      TRY(roots.data, user_data_root());
    }
  }
  if (roots.state.empty()) {
    roots.state = "/run/mycontainer";
    if (uid != 0) {
      TRY(roots.state, user_state_root(uid));
    }
  }
  return roots;
}

}  // namespace mycontainer::runtime::engine
