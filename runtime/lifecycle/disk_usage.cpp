#include "runtime/lifecycle/disk_usage.h"

#include <fts.h>
#include <sys/stat.h>

#include <memory>
#include <set>
#include <utility>

namespace mycontainer::runtime::lifecycle {

std::uint64_t tree_size(const std::string& path) {
  std::string root = path;
  char* const roots[] = {root.data(), nullptr};
  const std::unique_ptr<FTS, int (*)(FTS*)> walk(
      ::fts_open(roots, FTS_PHYSICAL | FTS_XDEV, nullptr), ::fts_close);
  if (!walk) return 0;
  std::uint64_t sum = 0;
  std::set<std::pair<dev_t, ino_t>> linked;
  while (const FTSENT* entry = ::fts_read(walk.get())) {
    const bool is_file = entry->fts_info == FTS_F || entry->fts_info == FTS_SL ||
                         entry->fts_info == FTS_SLNONE || entry->fts_info == FTS_DEFAULT;
    if (!is_file) continue;
    const struct stat& file = *entry->fts_statp;
    if (file.st_nlink > 1 && !linked.emplace(file.st_dev, file.st_ino).second) continue;
    sum += static_cast<std::uint64_t>(file.st_size);
  }
  return sum;
}

}  // namespace mycontainer::runtime::lifecycle
