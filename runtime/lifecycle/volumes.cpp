#include "runtime/lifecycle/volumes.h"

#include <algorithm>

#include "runtime/ids/remove_foreign_tree.h"
#include "runtime/lifecycle/disk_usage.h"
#include "runtime/state/event_log.h"
#include "runtime/state/volumes.h"

namespace mycontainer::runtime::lifecycle {

namespace {

using rootfs::volume::Volume;
using rootfs::volume::VolumeStore;

bool has_label(const Volume& volume, const LabelFilter& filter) {
  const auto label = volume.labels.find(filter.key);
  return label != volume.labels.end() && (!filter.value || label->second == *filter.value);
}

}  // namespace

Result<Volume> create_volume(const state::Roots& roots, Volume volume) {
  TRY(const VolumeStore store, VolumeStore::open(roots.data));
  store.sweep(ids::remove_foreign_tree);
  TRY(auto made, store.create(std::move(volume)));
  if (made.fresh) {
    state::append_event(
        roots, {state::now(), "volume", "create", made.volume.name, {{"driver", "local"}}});
  }
  return std::move(made.volume);
}

Result<void> remove_volume(const state::Roots& roots, const std::string& name) {
  auto removed = state::remove_unused_volume(roots, name, ids::remove_foreign_tree);
  TRY(const VolumeStore store, VolumeStore::open(roots.data));
  store.sweep(ids::remove_foreign_tree);
  return removed;
}

bool matches(const VolumePruneFilter& filter, const Volume& volume) {
  const auto has = [&](const LabelFilter& label) { return has_label(volume, label); };
  if (!filter.all && !volume.anonymous) return false;
  if (!std::ranges::all_of(filter.labels, has)) return false;
  return filter.without_labels.empty() || !std::ranges::all_of(filter.without_labels, has);
}

Result<VolumesPruned> prune_volumes(const state::Roots& roots, const VolumePruneFilter& filter) {
  TRY(const VolumeStore store, VolumeStore::open(roots.data));
  store.sweep(ids::remove_foreign_tree);
  TRY(const auto all, store.list());
  TRY(const state::VolumeUsers users, state::volume_users(roots));
  VolumesPruned pruned;
  for (const Volume& volume : all) {
    if (!matches(filter, volume) || users.contains(volume.name)) continue;
    const std::uint64_t size = tree_size(store.data(volume.name));
    auto removed = state::remove_unused_volume(roots, volume.name, ids::remove_foreign_tree);
    if (removed) {
      pruned.names.push_back(volume.name);
      pruned.bytes += size;
    } else if (removed.error().code != EBUSY && removed.error().code != ENOENT) {
      pruned.failed.push_back(std::move(removed).error());
    }
  }
  return pruned;
}

Result<std::vector<VolumeUsage>> volume_usage(const state::Roots& roots) {
  TRY(const VolumeStore store, VolumeStore::open(roots.data));
  TRY(auto all, store.list());
  TRY(const state::VolumeUsers users, state::volume_users(roots));
  std::vector<VolumeUsage> usage;
  for (Volume& volume : all) {
    VolumeUsage& one = usage.emplace_back();
    const auto found = users.find(volume.name);
    if (found != users.end()) one.links = found->second.size();
    one.bytes = tree_size(store.data(volume.name));
    one.volume = std::move(volume);
  }
  return usage;
}

}  // namespace mycontainer::runtime::lifecycle
