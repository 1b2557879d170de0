#include "runtime/engine/bind_sources.h"

#include <sys/stat.h>
#include <unistd.h>

namespace mycontainer::runtime::engine {

namespace {

Result<void> make_directories(const std::string& path) {
  for (std::size_t slash = 0; slash != std::string::npos;) {
    slash = path.find('/', slash + 1);
    const std::string directory = path.substr(0, slash);
    if (::mkdir(directory.c_str(), 0755) < 0 && errno != EEXIST) {
      return fail_errno("create the mount source {}", path);
    }
  }
  return {};
}

}  // namespace

Result<void> create_missing_sources(const std::vector<MountRequest>& mounts) {
  for (const MountRequest& mount : mounts) {
    if (mount.kind != MountRequest::Kind::kBind || !mount.create_source) continue;
    if (::access(mount.source.c_str(), F_OK) < 0 && errno == ENOENT) {
      TRY_VOID(make_directories(mount.source));
    }
  }
  return {};
}

}  // namespace mycontainer::runtime::engine
