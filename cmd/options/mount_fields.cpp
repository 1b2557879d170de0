// --mount: its fields, one by one.
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "cmd/options/mount_options.h"
#include "cmd/options/paths.h"
#include "cmd/options/values.h"
#include "rootfs/volume/store.h"

namespace mycontainer::cmd::options {

using runtime::engine::MountRequest;

namespace {

constexpr unsigned kModeBits = 07777;

struct MountDraft {
  MountRequest mount;
  std::string type = "volume";
  bool has_bind_fields = false, has_tmpfs_fields = false, has_volume_fields = false;
};

Failure bad_value(std::string_view key, std::string_view value) {
  return fail("invalid value for {}: {}", key, value);
}

// A key without "=" is true, as only these keys may be.
Result<bool> flag_value(std::string_view key, std::string_view field, std::string_view value) {
  if (field.find('=') == std::string_view::npos) return true;
  auto flag = parse_bool(value);
  if (!flag) return bad_value(key, value);
  return flag;
}

Result<void> set_recursive(MountDraft& draft, std::string_view value) {
  if (value != "enabled" && value != "disabled") {
    return fail("invalid value for bind-recursive: {} (must be \"enabled\" or \"disabled\")",
                value);
  }
  draft.mount.recursive = value == "enabled";
  return {};
}

Result<void> set_bind_field(MountDraft& draft, std::string_view key, std::string_view field,
                            std::string_view value) {
  draft.has_bind_fields = true;
  if (key == "bind-recursive") return set_recursive(draft, value);
  if (key == "bind-nonrecursive") {
    TRY(const bool only_this, flag_value(key, field, value));
    draft.mount.recursive = !only_this;
    return {};
  }
  if (key != "bind-propagation") return fail("unexpected key '{}' in '{}'", key, field);
  if (!is_propagation(value)) return bad_value(key, value);
  draft.mount.propagation = value;
  return {};
}

Result<void> set_tmpfs_field(MountDraft& draft, std::string_view key, std::string_view field,
                             std::string_view value) {
  draft.has_tmpfs_fields = true;
  if (key == "tmpfs-size") {
    const auto bytes = parse_size(value);
    if (!bytes) return bad_value(key, value);
    draft.mount.options.push_back(fmt::format("size={}", *bytes));
    return {};
  }
  if (key != "tmpfs-mode") return fail("unexpected key '{}' in '{}'", key, field);
  unsigned mode = 0;
  const auto [end, status] = std::from_chars(value.data(), value.data() + value.size(), mode, 8);
  const bool whole = status == std::errc{} && end == value.data() + value.size();
  if (!whole || mode > kModeBits) return bad_value(key, value);
  draft.mount.options.push_back(fmt::format("mode={:o}", mode));
  return {};
}

// "KEY=VALUE" into a map.
Result<void> add_pair(runtime::oci::StringMap& map, std::string_view key, std::string_view value) {
  const std::size_t equals = value.find('=');
  if (equals == 0 || value.empty()) return bad_value(key, value);
  map[std::string(value.substr(0, equals))] =
      equals == value.npos ? std::string() : std::string(value.substr(equals + 1));
  return {};
}

// A path within the volume, whatever is in that.
Result<void> set_subpath(MountDraft& draft, std::string_view value) {
  const bool climbs = fmt::format("/{}/", value).find("/../") != std::string::npos;
  if (value.empty() || value.starts_with('/') || climbs) {
    return fail("subpath must be a relative path within the volume");
  }
  draft.mount.volume.subpath = value;
  return {};
}

Result<void> set_volume_field(MountDraft& draft, std::string_view key, std::string_view field,
                              std::string_view value) {
  draft.has_volume_fields = true;
  runtime::engine::VolumeSettings& volume = draft.mount.volume;
  if (key == "volume-nocopy") {
    TRY(volume.no_copy, flag_value(key, field, value));
    return {};
  }
  if (key == "volume-label") return add_pair(volume.labels, key, value);
  if (key == "volume-opt") return add_pair(volume.options, key, value);
  if (key == "volume-subpath") return set_subpath(draft, value);
  if (key != "volume-driver") return fail("unexpected key '{}' in '{}'", key, field);
  volume.driver = value;
  return {};
}

Result<void> set_field(MountDraft& draft, std::string_view field) {
  const std::size_t equals = field.find('=');
  std::string key(field.substr(0, equals));
  std::ranges::transform(key, key.begin(), [](unsigned char c) { return std::tolower(c); });
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view{} : field.substr(equals + 1);
  if (key == "readonly" || key == "ro") {
    TRY(draft.mount.readonly, flag_value(key, field, value));
    return {};
  }
  const bool flag = key == "bind-nonrecursive" || key == "volume-nocopy";
  if (equals == std::string_view::npos && !flag) {
    return fail("invalid field '{}' must be a key=value pair", field);
  }
  if (key == "type") {
    draft.type = value;
  } else if (key == "source" || key == "src") {
    draft.mount.source = value;
  } else if (key == "target" || key == "dst" || key == "destination") {
    draft.mount.destination = value;
  } else if (key == "consistency") {
    return {};  // of Docker Desktop; without effect on Linux
  } else if (key.starts_with("volume-")) {
    return set_volume_field(draft, key, field, value);
  } else if (key.starts_with("bind-")) {
    return set_bind_field(draft, key, field, value);
  } else if (key.starts_with("tmpfs-")) {
    return set_tmpfs_field(draft, key, field, value);
  } else {
    return fail("unexpected key '{}' in '{}'", key, field);
  }
  return {};
}

Failure cannot_mix(const char* fields, const MountDraft& draft) {
  return fail("cannot mix '{}-*' options with mount type '{}'", fields, draft.type);
}

Result<void> check_bind(MountDraft& draft) {
  if (draft.has_volume_fields) return cannot_mix("volume", draft);
  if (draft.has_tmpfs_fields) return cannot_mix("tmpfs", draft);
  if (draft.mount.source.empty()) return fail("a bind mount needs a source");
  const bool is_path = draft.mount.source.starts_with('/') || draft.mount.source.starts_with('.');
  if (!is_path) {
    return fail("invalid mount path: '{}' mount path must be absolute", draft.mount.source);
  }
  TRY(draft.mount.source, absolute_path(draft.mount.source));
  return {};
}

Result<void> check_tmpfs(MountDraft& draft) {
  if (draft.has_volume_fields) return cannot_mix("volume", draft);
  if (draft.has_bind_fields) return cannot_mix("bind", draft);
  if (!draft.mount.source.empty()) return fail("a tmpfs mount has no source");
  draft.mount.kind = MountRequest::Kind::kTmpfs;
  return {};
}

Result<void> check_volume(MountDraft& draft) {
  if (draft.has_bind_fields) return cannot_mix("bind", draft);
  if (draft.has_tmpfs_fields) return cannot_mix("tmpfs", draft);
  if (!draft.mount.source.empty()) {
    TRY_VOID(rootfs::volume::check_volume_name(draft.mount.source));
  }
  draft.mount.kind = MountRequest::Kind::kVolume;
  return {};
}

}  // namespace

Result<void> add_mount(RunDraft& draft, std::string_view value) {
  TRY(const std::vector<std::string> fields, split_csv(value));
  MountDraft mount;
  for (const std::string& field : fields) TRY_VOID(set_field(mount, field));
  if (mount.mount.destination.empty()) return fail("target is required");
  TRY(mount.mount.destination, container_path(mount.mount.destination));
  if (mount.type == "bind") {
    TRY_VOID(check_bind(mount));
  } else if (mount.type == "tmpfs") {
    TRY_VOID(check_tmpfs(mount));
  } else if (mount.type == "volume") {
    TRY_VOID(check_volume(mount));
  } else {
    return fail("mount type '{}' is not known: there are volume, bind and tmpfs", mount.type);
  }
  draft.request.mounts.push_back(std::move(mount.mount));
  return {};
}

}  // namespace mycontainer::cmd::options
