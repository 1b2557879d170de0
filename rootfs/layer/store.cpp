#include "rootfs/layer/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "reexec/sys/file.h"
#include "rootfs/layer/durability.h"

namespace mycontainer::rootfs::layer {

namespace {

using nlohmann::json;

constexpr std::string_view kUnfinished = ".unfinished-";
constexpr std::string_view kRemoved = ".removed-";
constexpr std::size_t kMaxInfo = 4096;
constexpr mode_t kPrivate = 0700;
constexpr mode_t kTreeMode = 0755;

std::string random_name(std::string_view prefix) {
  std::uint64_t value = 0;
  (void)::getrandom(&value, sizeof value, 0);
  return fmt::format("{}{:016x}", prefix, value);
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

Result<std::vector<std::string>> names_in(const std::string& path) {
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
  if (!directory) return fail_errno("open {}", path);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(directory.get())) {
    std::string name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  return names;
}

// Whether `fd` is what has the name `path` now.
bool is_still(int fd, const std::string& path) {
  struct stat mine {
  }, there{};
  return ::fstat(fd, &mine) == 0 && ::lstat(path.c_str(), &there) == 0 &&
         mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
}

// A directory that whoever makes it holds locked. None: somebody took it for a left one in the moment before the
// lock.
Result<UniqueFd> make_locked(const std::string& path) {
  if (::mkdir(path.c_str(), kPrivate) < 0) return fail_errno("mkdir {}", path);
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return fd;
  if (!fd) return fail_errno("open {}", path);
  while (::flock(fd.get(), LOCK_EX) < 0) {
    if (errno != EINTR) return fail_errno("lock {}", path);
  }
  if (!is_still(fd.get(), path)) fd.reset();
  return fd;
}

// Whether nobody works on it any more. Then it has been moved to `aside`.
bool move_left_aside(const std::string& path, const std::string& aside) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::flock(fd.get(), LOCK_EX | LOCK_NB) < 0) return false;
  return is_still(fd.get(), path) && ::rename(path.c_str(), aside.c_str()) == 0;
}

std::string to_json(const LayerInfo& info) {
  json object{{"diffId", info.diff_id.text()}, {"size", info.size}, {"squashed", info.squashed}};
  if (!info.blob.empty()) object["blob"] = info.blob.text();
  return object.dump();
}

Result<LayerInfo> parse_info(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return fail("not a layer's record");
  LayerInfo info;
  const auto diff_id = object.find("diffId");
  if (diff_id == object.end() || !diff_id->is_string()) return fail("a record without diff ID");
  TRY(info.diff_id, Digest::parse(diff_id->get_ref<const std::string&>()));
  if (const auto blob = object.find("blob"); blob != object.end() && blob->is_string()) {
    TRY(info.blob, Digest::parse(blob->get_ref<const std::string&>()));
  }
  const auto number = [&object](const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
  };
  info.size = number("size");
  info.squashed = number("squashed");
  return info;
}

}  // namespace

Unfinished::Unfinished(Unfinished&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      lock_(std::move(other.lock_)),
      remove_(std::move(other.remove_)) {}

Unfinished::~Unfinished() {
  if (!path_.empty()) (void)remove_(path_);  // what stays is the next sweep's
}

Result<LayerStore> LayerStore::open(const std::string& data_root, RemoveTree remove) {
  const std::string directory = data_root + "/layers";
  if (::access(directory.c_str(), F_OK) < 0) {
    TRY_VOID(sys::make_directories(directory, kPrivate));
  }
  TRY_VOID(recover(directory));
  if (!remove) {
    remove = [](const std::string& path) { return sys::remove_tree_at(AT_FDCWD, path); };
  }
  return LayerStore(directory, std::move(remove));
}

std::string LayerStore::tree(const Digest& chain_id) const {
  return directory_ + "/" + std::string(chain_id.hex()) + "/diff";
}

bool LayerStore::has(const Digest& chain_id) const {
  return !chain_id.empty() && ::access(tree(chain_id).c_str(), F_OK) == 0;
}

Result<LayerInfo> LayerStore::info(const Digest& chain_id) const {
  const std::string path = directory_ + "/" + std::string(chain_id.hex()) + "/layer.json";
  TRY(const std::string text, sys::read_regular_at(AT_FDCWD, path, kMaxInfo));
  auto info = parse_info(text);
  if (!info) return within(path, std::move(info).error());
  return info;
}

Result<Unfinished> LayerStore::begin() const {
  TRY_VOID(remove_left());
  Unfinished layer;
  layer.remove_ = remove_;
  while (!layer.lock_) {
    const std::string path = directory_ + "/" + random_name(kUnfinished);
    TRY(layer.lock_, make_locked(path));
    if (layer.lock_) layer.path_ = path;
  }
  const std::string tree = layer.tree();
  if (::mkdir(tree.c_str(), kTreeMode) < 0) return fail_errno("mkdir {}", tree);
  // Whatever the umask is.
  if (::chmod(tree.c_str(), kTreeMode) < 0) return fail_errno("chmod {}", tree);
  return layer;
}

Result<void> LayerStore::publish(Unfinished layer, const Digest& chain_id,
                                 const LayerInfo& info) const {
  if (chain_id.empty()) return fail("a layer without a chain ID");
  TRY_VOID(sys::write_file_at(AT_FDCWD, layer.path_ + "/layer.json", to_json(info),
                              O_WRONLY | O_CREAT | O_EXCL, 0600));
  TRY_VOID(note_unsynced(directory_));
  const std::string place = directory_ + "/" + std::string(chain_id.hex());
  if (::rename(layer.path_.c_str(), place.c_str()) == 0) {
    layer.path_.clear();
    return {};
  }
  if (errno == ENOTEMPTY || errno == EEXIST) return {};
  return fail_errno("publish the layer {}", chain_id.text());
}

void LayerStore::sync_in_background() const { layer::sync_in_background(directory_); }

Result<void> LayerStore::remove_left() const {
  TRY(const auto names, names_in(directory_));
  for (const std::string& name : names) {
    if (!name.starts_with(kUnfinished)) continue;
    const std::string aside = directory_ + "/" + random_name(kRemoved);
    if (move_left_aside(directory_ + "/" + name, aside)) (void)remove_(aside);
  }
  return {};
}

Result<std::vector<std::string>> LayerStore::move_aside_all_but(
    const std::set<Digest>& needed) const {
  std::set<std::string_view> kept;
  for (const Digest& chain_id : needed) kept.insert(chain_id.hex());
  std::vector<std::string> moved;
  TRY(const auto names, names_in(directory_));
  for (const std::string& name : names) {
    const std::string path = directory_ + "/" + name;
    const std::string aside = directory_ + "/" + random_name(kRemoved);
    if (name == kUnsynced) continue;
    if (name.starts_with(kRemoved)) {
      moved.push_back(path);  // an interrupted sweep's
    } else if (name.starts_with(kUnfinished)) {
      if (move_left_aside(path, aside)) moved.push_back(aside);
    } else if (!kept.contains(name)) {
      if (::rename(path.c_str(), aside.c_str()) < 0) return fail_errno("move {} aside", path);
      moved.push_back(aside);
    }
  }
  return moved;
}

}  // namespace mycontainer::rootfs::layer
