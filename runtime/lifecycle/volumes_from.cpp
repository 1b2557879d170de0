#include "runtime/lifecycle/volumes_from.h"

#include <algorithm>

#include "runtime/lifecycle/existing.h"
#include "runtime/lifecycle/mount_points.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::lifecycle {

namespace {

using engine::MountRequest;

MountRequest mount_like(const MountPoint& point, bool readonly) {
  MountRequest mount;
  mount.destination = point.destination;
  mount.readonly = readonly || !point.writable;
  if (point.type != "volume") {
    mount.source = point.source;
    mount.recursive = point.recursive;
    mount.propagation = point.propagation;
    return mount;
  }
  mount.kind = MountRequest::Kind::kVolume;
  mount.source = point.name;
  mount.volume.must_exist = true;
  mount.volume.anonymous = point.anonymous;
  mount.volume.subpath = point.subpath;
  return mount;
}

void put(std::vector<MountRequest>& mounts, MountRequest mount) {
  const auto same = std::ranges::find(mounts, mount.destination, &MountRequest::destination);
  if (same == mounts.end()) {
    mounts.push_back(std::move(mount));
  } else {
    *same = std::move(mount);
  }
}

Result<void> add_of(const std::string& typed, const state::Roots& roots,
                    std::vector<MountRequest>& mounts) {
  const std::size_t colon = typed.find(':');
  TRY(const std::string id, state::find(roots, typed.substr(0, colon)));
  TRY(const auto container, state::Container::open(roots, id));
  TRY(const auto record, record_of(container));
  TRY(const auto spec, container.read_spec());
  const bool readonly = colon != typed.npos && typed.substr(colon + 1) == "ro";
  for (const MountPoint& point : mount_points(spec, record, roots)) {
    if (point.type == "volume" && point.name.empty()) continue;
    put(mounts, mount_like(point, readonly));
  }
  return {};
}

}  // namespace

Result<void> add_volumes_from(engine::RunRequest& request, const state::Roots& roots) {
  std::vector<MountRequest> mounts;
  for (const std::string& typed : request.volumes_from) TRY_VOID(add_of(typed, roots, mounts));
  for (MountRequest& own : request.mounts) put(mounts, std::move(own));
  request.mounts = std::move(mounts);
  return {};
}

}  // namespace mycontainer::runtime::lifecycle
