#include "rootfs/volume/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "reexec/sys/file.h"
#include "reexec/sys/replace_file.h"

namespace mycontainer::rootfs::volume {

namespace {

constexpr const char* kRecord = "volume.json";
constexpr const char* kData = "_data";
constexpr std::string_view kNew = ".new-", kOld = ".old-";

Failure no_such_volume(const std::string& name) {
  return Failure(Error{"no such volume: " + name, ENOENT, {}, 0});
}

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

UniqueFd open_directory(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// Whoever fills a volume may need a while for it, but may also have been stopped.
Result<void> lock_patiently(int directory, int operation, const std::string& name) {
  using std::chrono::milliseconds, std::chrono::steady_clock;
  constexpr auto kPatience = std::chrono::minutes(2);
  const auto end = steady_clock::now() + kPatience;
  for (auto pause = milliseconds(1); ::flock(directory, operation | LOCK_NB) < 0;
       pause = std::min(pause * 2, milliseconds(20))) {
    if (errno != EWOULDBLOCK && errno != EINTR) return fail_errno("lock volume {}", name);
    if (steady_clock::now() >= end) {
      return fail("volume {} is being filled or removed by another command", name);
    }
    std::this_thread::sleep_for(pause);
  }
  return {};
}

// What has the name may be another volume by now, or none.
bool is_still(int directory, const std::string& path) {
  struct stat ours {
  }, named{};
  return ::fstat(directory, &ours) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

Result<Volume> read_volume(int directory) {
  TRY(const std::string text, sys::read_regular_at(directory, kRecord));
  return from_json(text);
}

Result<void> write_volume(int directory, const Volume& volume) {
  return sys::replace_file_at(directory, kRecord, to_json(volume), 0600);
}

Result<void> remove_tree(const std::string& path, const VolumeStore::RemoveForeign& foreign) {
  auto removed = sys::remove_tree_at(AT_FDCWD, path);
  const bool is_foreign =
      !removed && (removed.error().code == EACCES || removed.error().code == EPERM);
  return is_foreign && foreign ? foreign(path) : removed;
}

// The one above it comes with the first volume.
Result<void> make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  if (errno != ENOENT) return fail_errno("mkdir {}", path);
  TRY_VOID(sys::make_directories(path.substr(0, path.rfind('/')), 0700));
  if (::mkdir(path.c_str(), 0700) < 0) return fail_errno("mkdir {}", path);
  return {};
}

// What the container sees at first; the image's directory may give it another mode.
Result<void> make_data(int directory) {
  constexpr mode_t kMode = 0755;
  if (::mkdirat(directory, kData, kMode) < 0 && errno != EEXIST) return fail_errno("mkdir _data");
  if (::fchmodat(directory, kData, kMode, 0) < 0) return fail_errno("chmod _data");
  return {};
}

Result<std::vector<std::string>> names_in(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), ::closedir);
  if (!stream && errno == ENOENT) return names;
  if (!stream) return fail_errno("open {}", directory);
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

// What another id of a user namespace has closed to us is in use.
Result<bool> holds_something(const std::string& data) {
  const auto names = names_in(data);
  if (!names && names.error().code == EACCES) return true;
  if (!names) return Failure(names.error());
  return !names->empty();
}

Failure made_differently(const Volume& present, const Volume& wanted) {
  if (present.driver != wanted.driver) {
    return fail("volume {} already exists with the driver {}", present.name, present.driver);
  }
  return fail("volume {} already exists with other options", present.name);
}

}  // namespace

Result<VolumeStore> VolumeStore::open(const std::string& data_root) {
  return VolumeStore(data_root + "/volumes");
}

std::string VolumeStore::data(const std::string& name) const { return path(name) + "/" + kData; }

Result<UniqueFd> VolumeStore::lock(const std::string& name, int operation) const {
  if (!is_volume_name(name)) return no_such_volume(name);
  while (true) {
    UniqueFd directory = open_directory(path(name));
    if (!directory && errno == ENOENT) return no_such_volume(name);
    if (!directory) return fail_errno("open volume {}", name);
    TRY_VOID(lock_patiently(directory.get(), operation, name));
    if (is_still(directory.get(), path(name))) return directory;
  }
}

Result<UniqueFd> VolumeStore::hold(const std::string& name) const { return lock(name, LOCK_SH); }

Result<Volume> VolumeStore::find(const std::string& name) const {
  if (!is_volume_name(name)) return no_such_volume(name);
  const UniqueFd directory = open_directory(path(name));
  if (!directory && errno == ENOENT) return no_such_volume(name);
  if (!directory) return fail_errno("open volume {}", name);
  auto volume = read_volume(directory.get());
  if (volume && volume->name == name) return volume;
  if (!is_still(directory.get(), path(name))) return no_such_volume(name);
  return fail("volume {} is broken: its {} is not readable", name, kRecord);
}

Result<std::vector<Volume>> VolumeStore::list() const {
  TRY(std::vector<std::string> names, names_in(directory_));
  std::ranges::sort(names);
  std::vector<Volume> volumes;
  for (const std::string& name : names) {
    if (auto volume = find(name)) volumes.push_back(*std::move(volume));
  }
  return volumes;
}

// A new one; the error EEXIST when somebody else was quicker.
Result<VolumeStore::Made> VolumeStore::make(const Volume& volume) const {
  TRY(const std::string random, random_volume_name());
  const std::string temporary = path(std::string(kNew) + random);
  TRY_VOID(make_directory(temporary));
  UniqueFd directory = open_directory(temporary);
  // Who sweeps may have met it before it was locked.
  if (!directory || ::flock(directory.get(), LOCK_SH | LOCK_NB) < 0 ||
      !is_still(directory.get(), temporary)) {
    return fail_code(EAGAIN, "make volume {}", volume.name);
  }
  auto made = make_data(directory.get());
  if (made) made = write_volume(directory.get(), volume);
  if (made && ::rename(temporary.c_str(), path(volume.name).c_str()) < 0) {
    // No volume is an empty directory, which a rename would replace.
    const int code = errno == ENOTEMPTY ? EEXIST : errno;
    made = fail_code(code, "make volume {}", volume.name);
  }
  if (made) return Made{volume, true, std::move(directory)};
  (void)sys::remove_tree_at(AT_FDCWD, temporary);
  return Failure(std::move(made).error());
}

Result<VolumeStore::Made> VolumeStore::create(Volume volume) const {
  if (volume.name.empty()) {
    TRY(volume.name, random_volume_name());
    volume.anonymous = true;
  }
  // Docker's mark, for filters.
  if (volume.anonymous) volume.labels.try_emplace("com.docker.volume.anonymous");
  TRY_VOID(check_volume_name(volume.name));
  TRY_VOID(check_options(volume.options));
  if (volume.created == 0) volume.created = now();
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto held = hold(volume.name);
    if (held) {
      TRY(Volume present, find(volume.name));
      const bool alike = present.driver == volume.driver &&
                         (volume.options.empty() || present.options == volume.options);
      if (!alike) return made_differently(present, volume);
      return Made{std::move(present), false, std::move(*held)};
    }
    if (held.error().code != ENOENT) return Failure(std::move(held).error());
    auto made = make(volume);
    if (made || (made.error().code != EEXIST && made.error().code != EAGAIN)) return made;
  }
  return fail("volume {} is made and removed all the time", volume.name);
}

Result<void> VolumeStore::remove(const std::string& name,
                                 const std::function<Result<void>()>& check,
                                 const RemoveForeign& remove_foreign) const {
  TRY(const UniqueFd directory, lock(name, LOCK_EX));
  if (check) TRY_VOID(check());
  TRY(const std::string random, random_volume_name());
  const std::string aside = path(std::string(kOld) + random);
  if (::rename(path(name).c_str(), aside.c_str()) < 0) return fail_errno("remove volume {}", name);
  auto removed = remove_tree(aside, remove_foreign);
  if (!removed) return within("remove volume " + name, std::move(removed).error());
  return {};
}

Result<void> VolumeStore::copy_up_once(const std::string& name, const Fill& fill,
                                       const RemoveForeign& remove_foreign) const {
  TRY(Volume volume, find(name));
  if (!volume.needs_copy_up) return {};
  TRY(const UniqueFd directory, lock(name, LOCK_EX));
  TRY(volume, read_volume(directory.get()));
  if (!volume.needs_copy_up) return {};
  const auto empty_it = [&]() -> Result<void> {
    TRY_VOID(remove_tree(data(name), remove_foreign));
    return make_data(directory.get());
  };
  if (volume.filling) TRY_VOID(empty_it());
  TRY(bool filled, holds_something(data(name)));
  if (!filled) {
    volume.filling = true;
    TRY_VOID(write_volume(directory.get(), volume));
    auto done = fill(data(name));
    if (!done) {
      if (empty_it()) {
        volume.filling = false;
        (void)write_volume(directory.get(), volume);
      }
      return Failure(std::move(done).error());
    }
    filled = *done;
  }
  volume.filling = false;
  volume.needs_copy_up = !filled;
  return write_volume(directory.get(), volume);
}

void VolumeStore::sweep(const RemoveForeign& remove_foreign) const {
  const auto names = names_in(directory_);
  if (!names) return;
  for (const std::string& name : *names) {
    if (!name.starts_with(kNew) && !name.starts_with(kOld)) continue;
    const UniqueFd directory = open_directory(path(name));
    if (!directory || ::flock(directory.get(), LOCK_EX | LOCK_NB) < 0) continue;
    if (is_still(directory.get(), path(name))) (void)remove_tree(path(name), remove_foreign);
  }
}

}  // namespace mycontainer::rootfs::volume
