// Reading /proc/PID/mountinfo (proc(5)). Pure; its input may be anything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mycontainer::rootfs::mount {

// One mount. Octal escapes ("\040") are undone in root, mount_point and source.
struct MountEntry {
  std::uint64_t id = 0, parent_id = 0;
  std::uint32_t major = 0, minor = 0;
  std::string root;         // what of the filesystem is mounted
  std::string mount_point;  // relative to the reading process's root
  std::vector<std::string> options;
  std::vector<std::string> optional_fields;  // "shared:1", "master:2", "unbindable"
  std::string type;
  std::string source;
  std::vector<std::string> super_options;
};

// One line, without its end. Nothing when it is not of the documented form.
std::optional<MountEntry> parse_mountinfo_line(std::string_view line);

// The whole file, in its order; lines of another form are passed over.
std::vector<MountEntry> parse_mountinfo(std::string_view text);

}  // namespace mycontainer::rootfs::mount
