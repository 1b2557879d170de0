#include "cmd/options/mount_options.h"

#include <algorithm>
#include <array>
#include <set>

#include "cmd/options/paths.h"
#include "rootfs/volume/store.h"

namespace mycontainer::cmd::options {

using runtime::engine::MountRequest;

namespace {

constexpr std::array<std::string_view, 6> kPropagations = {"private", "rprivate", "shared",
                                                           "rshared", "slave",    "rslave"};
constexpr std::array<std::string_view, 6> kWithoutEffect = {"z",       "Z",         "cached",
                                                            "default", "delegated", "consistent"};
constexpr std::array<std::string_view, 20> kTmpfsFlags = {
    "ro",         "rw",       "exec",       "noexec",      "suid",          "nosuid",  "dev",
    "nodev",      "sync",     "async",      "dirsync",     "atime",         "noatime", "diratime",
    "nodiratime", "relatime", "norelatime", "strictatime", "nostrictatime", "defaults"};
constexpr std::array<std::string_view, 7> kTmpfsValues = {"size", "mode",      "uid",      "gid",
                                                          "mpol", "nr_inodes", "nr_blocks"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

Failure invalid_mode(std::string_view mode, std::string_view word) {
  Error error{fmt::format("invalid mode: {}", mode)};
  if (word == "U") error.hint = "a new volume gets its owner from the image; others keep theirs";
  if (word == "nocopy")
    error.hint = "only volumes are filled from the image, host directories never";
  return Failure(std::move(error));
}

Result<void> apply_volume_mode(MountRequest& mount, std::string_view mode) {
  bool access_given = false;
  for (const std::string_view word : split(mode, ',')) {
    const bool access = word == "ro" || word == "rw";
    const bool propagation = is_propagation(word);
    const bool nocopy = word == "nocopy" && mount.kind == MountRequest::Kind::kVolume;
    const bool twice = (access && access_given) || (propagation && !mount.propagation.empty());
    if (twice || (!access && !propagation && !nocopy && !contains(kWithoutEffect, word))) {
      return invalid_mode(mode, word);
    }
    mount.volume.no_copy |= nocopy;
    access_given |= access;
    mount.readonly |= word == "ro";
    if (propagation) mount.propagation = word;
  }
  return {};
}

// A path is a directory of the host, everything else the name of a volume.
Result<void> set_volume_source(MountRequest& mount, std::string_view source) {
  mount.create_source = source.starts_with('/') || source.starts_with('.');
  if (mount.create_source) {
    TRY(mount.source, absolute_path(source));
    return {};
  }
  TRY_VOID(rootfs::volume::check_volume_name(source));
  mount.kind = MountRequest::Kind::kVolume;
  mount.source = source;
  return {};
}

Result<void> check_tmpfs_option(std::string_view option) {
  const std::size_t equals = option.find('=');
  const bool has_value = equals != std::string_view::npos && equals + 1 < option.size();
  const bool known =
      has_value ? contains(kTmpfsValues, option.substr(0, equals)) : contains(kTmpfsFlags, option);
  if (!known) return fail("Invalid tmpfs option [\"{}\"]", option);
  return {};
}

}  // namespace

bool is_propagation(std::string_view word) { return contains(kPropagations, word); }

Result<std::string> container_path(std::string_view path) {
  if (!path.starts_with('/')) {
    return fail("invalid mount path: '{}' mount path must be absolute", path);
  }
  std::string clean = clean_path(path);
  if (clean == "/" || clean == "/proc") {
    return fail("invalid specification: destination can't be '{}'", clean);
  }
  return clean;
}

Result<void> add_volume(RunDraft& draft, std::string_view value) {
  const auto parts = split(value, ':');
  if (std::ranges::find(parts, "") != parts.end()) {
    return fail("invalid spec: {}: empty section between colons", value);
  }
  if (parts.size() > 3) return fail("invalid volume specification: '{}'", value);
  MountRequest mount;
  if (parts.size() == 1) {
    mount.kind = MountRequest::Kind::kVolume;
  } else {
    TRY_VOID(set_volume_source(mount, parts[0]));
  }
  TRY(mount.destination, container_path(parts.size() == 1 ? parts[0] : parts[1]));
  if (parts.size() == 3) TRY_VOID(apply_volume_mode(mount, parts[2]));
  draft.request.mounts.push_back(std::move(mount));
  return {};
}

Result<void> add_volumes_from(RunDraft& draft, std::string_view value) {
  const std::size_t colon = value.find(':');
  const std::string_view mode = colon == value.npos ? "rw" : value.substr(colon + 1);
  if (value.empty() || colon == 0) return fail("invalid volumes-from specification: '{}'", value);
  if (mode != "ro" && mode != "rw" && mode != "z" && mode != "Z") {
    return fail("invalid mode for volumes-from: {}", mode);
  }
  draft.request.volumes_from.emplace_back(value);
  return {};
}

Result<void> set_volume_driver(RunDraft& draft, std::string_view value) {
  draft.volume_driver = value;
  return {};
}

Result<void> add_tmpfs(RunDraft& draft, std::string_view value) {
  const std::size_t colon = value.find(':');
  MountRequest mount;
  mount.kind = MountRequest::Kind::kTmpfs;
  TRY(mount.destination, container_path(value.substr(0, colon)));
  if (colon != std::string_view::npos && colon + 1 < value.size()) {
    for (const std::string_view option : split(value.substr(colon + 1), ',')) {
      TRY_VOID(check_tmpfs_option(option));
      mount.options.emplace_back(option);
    }
  }
  draft.request.mounts.push_back(std::move(mount));
  return {};
}

Result<void> finish_mounts(RunDraft& draft) {
  std::set<std::string_view> destinations;
  for (MountRequest& mount : draft.request.mounts) {
    if (!destinations.insert(mount.destination).second) {
      return fail("Duplicate mount point: {}", mount.destination);
    }
    if (mount.volume.driver.empty() && mount.kind == MountRequest::Kind::kVolume) {
      mount.volume.driver = draft.volume_driver;
    }
  }
  return {};
}

}  // namespace mycontainer::cmd::options
