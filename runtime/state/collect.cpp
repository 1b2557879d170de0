#include <dirent.h>

#include <memory>

#include "reexec/sys/log.h"
#include "runtime/state/traces.h"

namespace mycontainer::runtime::state {

void collect_stale(const Roots& roots, const RemoveForeignTree& remove_foreign) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir((roots.state + "/containers").c_str()),
                                                   ::closedir);
  if (!stream) return;
  while (const dirent* entry = ::readdir(stream.get())) {
    if (entry->d_name[0] == '.') continue;
    const auto done = collect_if_stale(roots, entry->d_name, remove_foreign);
    if (!done) log_warn("stale container {}: {}", entry->d_name, done.error().message());
  }
}

}  // namespace mycontainer::runtime::state
