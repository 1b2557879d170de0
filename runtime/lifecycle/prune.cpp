#include "runtime/lifecycle/prune.h"

#include <fts.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <memory>

#include "runtime/ids/remove_foreign_tree.h"
#include "runtime/lifecycle/existing.h"
#include "runtime/lifecycle/remove.h"
#include "runtime/state/live.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::lifecycle {

namespace {

// What the files below `path` hold; those that we may not look at count nothing.
std::uint64_t size_of_tree(std::string path) {
  constexpr std::uint64_t kBlock = 512;  // of st_blocks, whatever the filesystem's are
  std::array<char*, 2> roots = {path.data(), nullptr};
  const std::unique_ptr<FTS, int (*)(FTS*)> tree(
      ::fts_open(roots.data(), FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, nullptr), ::fts_close);
  if (!tree) return 0;
  std::uint64_t bytes = 0;
  while (const FTSENT* entry = ::fts_read(tree.get())) {
    if (entry->fts_info == FTS_F) {
      bytes += static_cast<std::uint64_t>(entry->fts_statp->st_blocks) * kBlock;
    }
  }
  return bytes;
}

bool has_label(const state::Record& record, const LabelFilter& filter) {
  const auto label = record.labels.find(filter.key);
  return label != record.labels.end() && (!filter.value || label->second == *filter.value);
}

bool is_idle(const state::Roots& roots, const state::Record& record) {
  return !is_active(state::effective_state(roots, record)) &&
         !state::is_supervised(roots, record.id);
}

}  // namespace

bool matches(const PruneFilter& filter, const state::Record& record) {
  const auto has = [&](const LabelFilter& label) { return has_label(record, label); };
  if (filter.until && record.created >= *filter.until) return false;
  if (!std::ranges::all_of(filter.labels, has)) return false;
  return filter.without_labels.empty() || !std::ranges::all_of(filter.without_labels, has);
}

Result<Pruned> prune(const state::Roots& roots, const PruneFilter& filter) {
  state::collect_stale(roots, ids::remove_foreign_tree);
  state::collect_records(roots, ids::remove_foreign_tree);
  TRY(const auto all, state::list(roots));
  Pruned pruned;
  for (const state::Listed& item : all) {
    const state::Record& record = item.record;
    if (!item.broken.empty() || !matches(filter, record) || !is_idle(roots, record)) continue;
    const std::uint64_t size =
        size_of_tree(state::container_directory(roots.data, record.id) + "/upper");
    auto removed = remove(roots, record.id, false);
    if (removed) {
      pruned.ids.push_back(record.id);
      pruned.bytes += size;
    } else if (exists(roots, record.id) && is_idle(roots, record)) {
      pruned.failed.push_back(std::move(removed).error());
    }
  }
  return pruned;
}

}  // namespace mycontainer::runtime::lifecycle
