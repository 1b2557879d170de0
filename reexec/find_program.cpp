#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "reexec/starter.h"

namespace mycontainer::reexec {

namespace {

bool is_file(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

Result<std::string> find_program(const std::string& name) {
  const char* path = ::getenv("PATH");
  std::string_view rest =
      path != nullptr ? path : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  int code = ENOENT;
  while (!name.empty() && !rest.empty()) {
    const auto colon = rest.find(':');
    const std::string_view directory = rest.substr(0, colon);
    rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
    // An empty element means the working directory: nothing is ever run from there by a bare name.
    if (directory.empty()) continue;
    std::string candidate = std::string(directory) + "/" + name;
    if (!is_file(candidate)) continue;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    code = EACCES;
  }
  Error error{"find the program in PATH", code, {}, code == ENOENT ? 127 : 126};
  return Failure(std::move(error));
}

}  // namespace mycontainer::reexec
