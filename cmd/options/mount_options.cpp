#include "cmd/options/mount_options.h"

#include <algorithm>
#include <array>
#include <set>

#include "cmd/options/paths.h"

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

Result<void> apply_volume_mode(MountRequest& mount, std::string_view mode) {
  bool access_given = false;
  for (const std::string_view word : split(mode, ',')) {
    const bool access = word == "ro" || word == "rw";
    const bool propagation = is_propagation(word);
    const bool twice = (access && access_given) || (propagation && !mount.propagation.empty());
    if (twice || (!access && !propagation && !contains(kWithoutEffect, word))) {
      return fail("invalid mode: {}", mode);
    }
    access_given |= access;
    mount.readonly |= word == "ro";
    if (propagation) mount.propagation = word;
  }
  return {};
}

Result<std::string> volume_source(std::string_view source) {
  if (source.starts_with('/') || source.starts_with('.')) return absolute_path(source);
  return fail("\"{}\" would be a named volume: give a host directory, /DIR or ./DIR", source);
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
  if (parts.size() == 1) {
    return fail("this would be an anonymous volume: give HOST-DIR:CONTAINER-DIR");
  }
  MountRequest mount;
  mount.create_source = true;
  TRY(mount.source, volume_source(parts[0]));
  TRY(mount.destination, container_path(parts[1]));
  if (parts.size() == 3) TRY_VOID(apply_volume_mode(mount, parts[2]));
  draft.request.mounts.push_back(std::move(mount));
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

Result<void> check_mounts(const RunDraft& draft) {
  std::set<std::string_view> destinations;
  for (const MountRequest& mount : draft.request.mounts) {
    if (!destinations.insert(mount.destination).second) {
      return fail("Duplicate mount point: {}", mount.destination);
    }
  }
  return {};
}

}  // namespace mycontainer::cmd::options
