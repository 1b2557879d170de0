#include "runtime/engine/fill_volumes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "reexec/sys/file.h"
#include "rootfs/volume/store.h"
#include "runtime/files/session.h"
#include "runtime/ids/remove_foreign_tree.h"

namespace mycontainer::runtime::engine {

namespace {

constexpr const char* kPlace = "_data";

// A tree with the volume at /_data. The volume's ids are those that the container sees: only for an
// ordinary user is that a question of his user namespace.
oci::Spec around(const oci::Spec& spec, const std::string& place, const std::string& data) {
  oci::Spec tree;
  tree.root.path = place;
  if (::geteuid() != 0) {
    tree.linux_config.namespaces = spec.linux_config.namespaces;
    tree.linux_config.uid_mappings = spec.linux_config.uid_mappings;
    tree.linux_config.gid_mappings = spec.linux_config.gid_mappings;
  }
  oci::Mount volume;
  volume.destination = std::string("/") + kPlace;
  volume.type = "bind";
  volume.source = data;
  volume.options = {"bind", "rprivate"};
  tree.mounts.push_back(std::move(volume));
  return tree;
}

struct Pipe {
  UniqueFd read, write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return fail_errno("pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<void> copy(files::Session& image, const std::string& source, files::Session& volume) {
  TRY(Pipe pipe, make_pipe());
  // A member by the name of what is there gives it its owner, mode and time; "." would not.
  TRY_VOID(image.start_pack({source, true, kPlace}, std::move(pipe.write)));
  TRY_VOID(
      volume.start_unpack({"/", rootfs::archive::Owner::kArchiveOrRoot}, std::move(pipe.read)));
  const auto unpacked = volume.finish_unpack();
  const auto packed = image.finish_pack();
  // The one that broke off first is to be told of: the other one only saw the pipe end.
  if (!packed && packed.error().code != EPIPE) return Failure(packed.error());
  if (!unpacked) return Failure(unpacked.error());
  if (!packed) return Failure(packed.error());
  return {};
}

class Filler {
 public:
  Filler(const oci::Spec& spec, const state::Roots& roots, const std::string& id)
      : spec_(spec), transient_(state::container_directory(roots.state, id)) {}

  Result<bool> fill(const std::string& destination, const std::string& data) {
    if (!image_) {
      TRY(auto session, files::Session::mount_image(spec_));
      image_.emplace(std::move(session));
    }
    TRY(const files::Node node, image_->stat(destination, true));
    if (!node.exists) return false;
    if (!S_ISDIR(node.mode)) {
      return fail("cannot mount volume over existing file, file exists {}", destination);
    }
    const std::string place = data.substr(0, data.rfind('/')) + "/fill";
    if (::mkdir(place.c_str(), 0700) < 0 && errno != EEXIST) return fail_errno("mkdir {}", place);
    auto done = fill_at(place, destination, data);
    (void)sys::remove_tree_at(AT_FDCWD, place);
    if (!done) return Failure(std::move(done).error());
    return true;
  }

 private:
  Result<void> fill_at(const std::string& place, const std::string& destination,
                       const std::string& data) {
    TRY(auto volume, files::Session::mount(around(spec_, place, data), transient_));
    return copy(*image_, destination, volume);
  }

  const oci::Spec& spec_;
  std::string transient_;
  std::optional<files::Session> image_;
};

}  // namespace

Result<void> fill_volumes(const oci::Spec& spec, const state::Record& record,
                          const state::Roots& roots) {
  if (std::ranges::none_of(record.volumes, &state::MountOfVolume::copy_up)) return {};
  TRY(const auto store, rootfs::volume::VolumeStore::open(roots.data));
  Filler filler(spec, roots, record.id);
  for (const state::MountOfVolume& mount : record.volumes) {
    if (!mount.copy_up) continue;
    auto done = store.copy_up_once(
        mount.name, [&](const std::string& data) { return filler.fill(mount.destination, data); },
        ids::remove_foreign_tree);
    if (!done) return within("copy up " + mount.destination, std::move(done).error());
  }
  return {};
}

}  // namespace mycontainer::runtime::engine
