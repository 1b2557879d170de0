// A cgroup between its making and its end, often by another process than its maker.
#include <fcntl.h>

#include <algorithm>
#include <csignal>
#include <span>
#include <utility>

#include "reexec/sys/file.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/frozen.h"
#include "runtime/cgroup/members.h"
#include "runtime/cgroup/stats_files.h"

namespace mycontainer::runtime::cgroup {

namespace {

constexpr std::chrono::seconds kPatience(10);
constexpr std::size_t kPidfdsAtOnce = 256;

Result<Leaf> leaf_of(const CgroupRecord::Place& place) {
  const std::size_t slash = place.path.rfind('/');
  if (!place.path.starts_with('/') || slash + 1 == place.path.size()) {
    return fail("recorded cgroup \"{}\": not a path", place.path);
  }
  Leaf leaf;
  leaf.version = place.v2 ? Version::kV2 : Version::kV1;
  leaf.controllers = place.controllers;
  leaf.mount_point = place.mount_point;
  leaf.parent_path = place.path.substr(0, slash);
  leaf.name = place.path.substr(slash + 1);
  return leaf;
}

Failure no_freezer() {
  Error error{"the container has no cgroup that can be frozen"};
  error.hint = "it needs cgroup v2 with Linux 5.2, or v1's freezer hierarchy";
  return Failure(std::move(error));
}

}  // namespace

CgroupRecord Cgroup::record() const {
  CgroupRecord record;
  record.unit = unit_;
  record.user_bus = user_bus_;
  record.rootless = rootless_;
  for (const Leaf& leaf : leaves_) {
    const bool v2 = leaf.version == Version::kV2;
    record.places.push_back({leaf.mount_point, leaf.parent_path + "/" + leaf.name,
                             v2 ? std::vector<std::string>() : leaf.controllers, v2});
  }
  return record;
}

Result<Cgroup> Cgroup::reopen(const CgroupRecord& record) {
  Cgroup cgroup;
  cgroup.unit_ = record.unit;
  cgroup.user_bus_ = record.user_bus;
  cgroup.rootless_ = record.rootless;
  for (const CgroupRecord::Place& place : record.places) {
    TRY(Leaf leaf, leaf_of(place));
    if (place.v2) cgroup.v2_mount_ = place.mount_point;
    TRY(const bool there, open_leaf(leaf));
    if (there) cgroup.leaves_.push_back(std::move(leaf));
  }
  return cgroup;
}

Result<std::vector<UniqueFd>> Cgroup::entrances() const {
  std::vector<UniqueFd> entrances;
  for (const Leaf& leaf : leaves_) {
    if (leaf.version == Version::kV2) continue;
    auto entrance = sys::open_at(leaf.dir.get(), "tasks", O_WRONLY);
    if (!entrance) return within(leaf.mount_point + path(), std::move(entrance).error());
    entrances.push_back(std::move(*entrance));
  }
  return entrances;
}

Result<void> Cgroup::pause() const {
  for (const Leaf& leaf : leaves_) {
    TRY(const bool done, freeze_leaf(leaf, kPatience));
    if (done) return {};
  }
  return no_freezer();
}

Result<void> Cgroup::resume() const {
  bool able = false;
  for (const Leaf& leaf : leaves_) {
    TRY(const bool done, thaw_leaf(leaf));
    able |= done;
  }
  if (!able) return no_freezer();
  return {};
}

Result<bool> Cgroup::frozen() const {
  return std::ranges::any_of(leaves_,
                             [](const Leaf& leaf) { return is_frozen(leaf).value_or(false); });
}

Result<bool> is_frozen(const CgroupRecord& record) {
  for (const CgroupRecord::Place& place : record.places) {
    const bool can_tell = place.v2 || std::ranges::count(place.controllers, "freezer") > 0;
    if (!can_tell) continue;
    TRY(Leaf leaf, leaf_of(place));
    TRY(const bool there, open_leaf(leaf));
    if (there && is_frozen(leaf).value_or(false)) return true;
  }
  return false;
}

Result<std::vector<pid_t>> Cgroup::processes() const {
  if (leaves_.empty()) return std::vector<pid_t>();
  return members_of(leaves_.front().dir.get());
}

Result<void> Cgroup::signal_all(int signal) const {
  TRY(const std::vector<pid_t> pids, processes());
  for (std::span<const pid_t> rest(pids); !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), kPidfdsAtOnce));
    rest = rest.subspan(some.size());
    signal_members(leaves_.front().dir.get(), {some.begin(), some.end()}, signal);
  }
  return {};
}

// v2 comes first among the leaves: what both count, v1 tells, as its limits are the ones in force.
Result<Stats> Cgroup::stats() const {
  if (leaves_.empty()) return fail("the container has no cgroup of its own");
  Stats stats;
  for (const Leaf& leaf : leaves_) {
    if (leaf.version == Version::kV2) {
      add_v2_stats(leaf, stats);
    } else {
      add_v1_stats(leaf, stats);
    }
  }
  return stats;
}

}  // namespace mycontainer::runtime::cgroup
