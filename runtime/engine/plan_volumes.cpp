#include "runtime/engine/plan_volumes.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "rootfs/mount/plan.h"
#include "runtime/ids/remove_foreign_tree.h"
#include "runtime/state/event_log.h"
#include "runtime/state/volumes.h"

namespace mycontainer::runtime::engine {

namespace {

using rootfs::volume::Volume;
using rootfs::volume::VolumeStore;

bool has_parent_step(std::string_view path) {
  return (std::string(path) + "/").find("/../") != std::string::npos;
}

// As "-v PATH" for each that nothing else is mounted on.
Result<void> add_of_image(const std::vector<std::string>& of_image,
                          std::vector<MountRequest>& mounts) {
  for (const std::string& path : of_image) {
    TRY(std::string destination, image_volume_path(path));
    if (std::ranges::find(mounts, destination, &MountRequest::destination) != mounts.end()) {
      continue;
    }
    MountRequest mount;
    mount.kind = MountRequest::Kind::kVolume;
    mount.destination = std::move(destination);
    mounts.push_back(std::move(mount));
  }
  return {};
}

Volume new_volume(const MountRequest& mount) {
  Volume volume;
  volume.name = mount.source;
  if (!mount.volume.driver.empty()) volume.driver = mount.volume.driver;
  volume.labels = {mount.volume.labels.begin(), mount.volume.labels.end()};
  volume.options = {mount.volume.options.begin(), mount.volume.options.end()};
  volume.anonymous = mount.volume.anonymous;
  return volume;
}

Result<void> check_driver(const std::string& driver) {
  if (driver.empty() || driver == "local") return {};
  return fail("error looking up volume plugin {}: plugin \"{}\" not found", driver, driver);
}

// The one that is there says itself what it is.
Result<void> look_up(const VolumeStore& store, Volume& volume, MountRequest& mount) {
  auto present = store.find(volume.name);
  if (!present) {
    if (present.error().code != ENOENT) return Failure(std::move(present).error());
    return rootfs::volume::check_options(volume.options);
  }
  if (volume.options.empty()) volume.options = present->options;
  mount.volume.options = {volume.options.begin(), volume.options.end()};
  mount.volume.anonymous = present->anonymous;
  return {};
}

Result<void> plan_volume(const VolumeStore& store, MountRequest& mount, VolumePlan& plan) {
  TRY_VOID(check_driver(mount.volume.driver));
  const bool nameless = mount.source.empty();
  if (nameless) {
    TRY(mount.source, rootfs::volume::random_volume_name());
    mount.volume.anonymous = true;
  }
  TRY_VOID(rootfs::volume::check_volume_name(mount.source));
  Volume volume = new_volume(mount);
  if (!nameless) TRY_VOID(look_up(store, volume, mount));
  if (!mount.volume.options.empty() && !mount.volume.subpath.empty()) {
    return fail("volume {} has options of its own: no subpath of it can be mounted", volume.name);
  }
  mount.volume.data = store.data(volume.name);
  const bool copies = !mount.volume.no_copy && !mount.volume.must_exist &&
                      mount.volume.subpath.empty() && mount.volume.options.empty();
  plan.record.push_back({volume.name, mount.destination, mount.volume.anonymous, copies});
  plan.volumes.push_back({std::move(volume), mount.volume.must_exist});
  return {};
}

Error plain(Error error) {
  if (error.code == ENOENT && error.operation.starts_with("no such volume")) error.code = 0;
  return error;
}

Result<UniqueFd> make_one(const VolumeStore& store, const PlannedVolume& planned,
                          const state::Roots& roots) {
  const std::string& name = planned.volume.name;
  if (planned.must_exist) {
    auto held = store.hold(name);
    if (!held) return Failure(plain(std::move(held).error()));
    return held;
  }
  TRY(auto made, store.create(planned.volume));
  if (made.volume.options != planned.volume.options) {
    return fail("volume {} was made anew with other options meanwhile", name);
  }
  if (made.fresh) {
    state::append_event(roots, {state::now(), "volume", "create", name, {{"driver", "local"}}});
  }
  return std::move(made.hold);
}

}  // namespace

Result<std::string> image_volume_path(const std::string& path) {
  if (!path.starts_with('/') || has_parent_step(path) || path.find('\0') != path.npos) {
    return fail("invalid volume of the image: '{}'", path);
  }
  std::string clean = rootfs::mount::clean_path(path);
  const bool of_kernel =
      std::ranges::any_of(std::array{"/proc/", "/sys/", "/dev/"},
                          [&](const char* place) { return (clean + "/").starts_with(place); });
  if (clean == "/" || of_kernel) {
    return fail("invalid volume of the image: nothing may be mounted on '{}'", clean);
  }
  return clean;
}

bool mounts_volumes(const RunRequest& request, const std::vector<std::string>& of_image) {
  return !of_image.empty() || std::ranges::any_of(request.mounts, [](const MountRequest& mount) {
    return mount.kind == MountRequest::Kind::kVolume;
  });
}

Result<VolumePlan> plan_volumes(const RunRequest& request, const std::vector<std::string>& of_image,
                                const state::Roots& roots) {
  TRY(const VolumeStore store, VolumeStore::open(roots.data));
  VolumePlan plan;
  plan.mounts = request.mounts;
  TRY_VOID(add_of_image(of_image, plan.mounts));
  const bool idmapped = ::geteuid() == 0 && request.userns == UsernsMode::kAuto;
  for (MountRequest& mount : plan.mounts) {
    if (mount.kind != MountRequest::Kind::kVolume) continue;
    mount.volume.idmapped = idmapped;
    TRY_VOID(plan_volume(store, mount, plan));
  }
  return plan;
}

Result<NewVolumes> NewVolumes::make(const std::vector<PlannedVolume>& planned,
                                    const state::Record& record, const state::Roots& roots) {
  NewVolumes made(record, roots);
  if (planned.empty()) return made;
  TRY(const VolumeStore store, VolumeStore::open(roots.data));
  for (const PlannedVolume& one : planned) {
    TRY(UniqueFd hold, make_one(store, one, roots));
    made.holds_.push_back(std::move(hold));
  }
  return made;
}

NewVolumes::NewVolumes(NewVolumes&& other) noexcept
    : record_(std::exchange(other.record_, nullptr)),
      roots_(other.roots_),
      holds_(std::move(other.holds_)) {}

NewVolumes::~NewVolumes() {
  if (record_ == nullptr || record_->volumes.empty()) return;
  holds_.clear();
  state::remove_anonymous_volumes(*roots_, *record_, ids::remove_foreign_tree);
}

}  // namespace mycontainer::runtime::engine
