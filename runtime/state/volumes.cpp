#include "runtime/state/volumes.h"

#include <algorithm>
#include <string_view>

#include "reexec/sys/log.h"
#include "rootfs/volume/store.h"
#include "runtime/state/event_log.h"

namespace mycontainer::runtime::state {

namespace {

using rootfs::volume::VolumeStore;

// Of a container whose record nobody can read: <data>/volumes/NAME/_data is what it mounts.
std::vector<std::string> volumes_of_spec(const Roots& roots, const oci::Spec& spec) {
  const std::string above = roots.data + "/volumes/";
  std::vector<std::string> names;
  for (const oci::Mount& mount : spec.mounts) {
    if (!mount.source.starts_with(above)) continue;
    const std::string_view rest = std::string_view(mount.source).substr(above.size());
    names.emplace_back(rest.substr(0, rest.find('/')));
  }
  return names;
}

std::vector<std::string> volumes_of(const Roots& roots, const std::string& id) {
  std::vector<std::string> names;
  const auto container = Container::open(roots, id);
  if (!container) return names;
  if (const auto record = container->read()) {
    for (const MountOfVolume& mount : record->volumes) names.push_back(mount.name);
  } else if (const auto spec = container->read_spec()) {
    names = volumes_of_spec(roots, *spec);
  }
  std::ranges::sort(names);
  const auto twice = std::ranges::unique(names);
  names.erase(twice.begin(), twice.end());
  return names;
}

std::string joined(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "" : ", ") + id;
  return text;
}

}  // namespace

Result<VolumeUsers> volume_users(const Roots& roots) {
  TRY(const auto ids, list_ids(roots));
  VolumeUsers users;
  for (const std::string& id : ids) {
    for (std::string& name : volumes_of(roots, id)) users[std::move(name)].push_back(id);
  }
  return users;
}

Result<std::vector<std::string>> users_of_volume(const Roots& roots, const std::string& name) {
  TRY(VolumeUsers users, volume_users(roots));
  return std::move(users[name]);
}

std::vector<std::string> anonymous_volumes(const Record& record) {
  std::vector<std::string> names;
  for (const MountOfVolume& mount : record.volumes) {
    if (mount.anonymous) names.push_back(mount.name);
  }
  return names;
}

Result<void> remove_unused_volume(const Roots& roots, const std::string& name,
                                  const RemoveForeignTree& remove_foreign) {
  TRY(const VolumeStore store, VolumeStore::open(roots.data));
  const auto is_free = [&]() -> Result<void> {
    TRY(const auto users, users_of_volume(roots, name));
    if (users.empty()) return {};
    return fail_code(EBUSY, "remove {}: volume is in use - [{}]", name, joined(users));
  };
  TRY_VOID(store.remove(name, is_free, remove_foreign));
  append_event(roots, {now(), "volume", "destroy", name, {{"driver", "local"}}});
  return {};
}

void remove_anonymous_volumes(const Roots& roots, const Record& record,
                              const RemoveForeignTree& remove_foreign) {
  for (const std::string& name : anonymous_volumes(record)) {
    const auto removed = remove_unused_volume(roots, name, remove_foreign);
    const bool expected =
        removed || removed.error().code == EBUSY || removed.error().code == ENOENT;
    if (!expected) log_warn("volume {}: {}", name, removed.error().message());
  }
}

}  // namespace mycontainer::runtime::state
