#include "runtime/engine/bind_sources.h"

#include <unistd.h>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::engine {

Result<void> create_missing_sources(const std::vector<MountRequest>& mounts) {
  for (const MountRequest& mount : mounts) {
    if (mount.kind != MountRequest::Kind::kBind || !mount.create_source) continue;
    if (::access(mount.source.c_str(), F_OK) < 0 && errno == ENOENT) {
      auto made = sys::make_directories(mount.source, 0755);
      if (!made) return within("create the mount source", std::move(made).error());
    }
  }
  return {};
}

}  // namespace mycontainer::runtime::engine
