#include "runtime/oci/defaults.h"

#include <initializer_list>
#include <optional>
#include <utility>

namespace mycontainer::runtime::oci {
namespace {

struct MountRow {
  const char *destination, *type, *source;
  std::array<const char*, 6> options;  // ends at the first nullptr
};
constexpr MountRow kMounts[] = {
    {"/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}},
    {"/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}},
    {"/dev/pts",
     "devpts",
     "devpts",
     {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
    {"/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=64m"}},
    {"/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}},
    {"/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}},
    {"/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"}}};

constexpr std::int64_t kAny = -1;

struct RuleRow {
  const char* type;
  std::int64_t major, minor;
  const char* access;
};
constexpr RuleRow kAllowed[] = {{"c", kAny, kAny, "m"}, {"b", kAny, kAny, "m"}, {"c", 1, 3, "rwm"},
                                {"c", 1, 5, "rwm"},     {"c", 1, 7, "rwm"},     {"c", 1, 8, "rwm"},
                                {"c", 1, 9, "rwm"},     {"c", 5, 0, "rwm"},     {"c", 5, 1, "rwm"},
                                {"c", 5, 2, "rwm"},     {"c", 136, kAny, "rwm"}};

std::optional<std::int64_t> device_number(std::int64_t value) {
  return value == kAny ? std::nullopt : std::optional(value);
}

}  // namespace

std::vector<Mount> default_mounts() {
  std::vector<Mount> mounts;
  mounts.reserve(std::size(kMounts) + 8);  // room for what a run adds
  for (const MountRow& row : kMounts) {
    Mount& mount = mounts.emplace_back();
    mount.destination = row.destination;
    mount.type = row.type;
    mount.source = row.source;
    mount.options.reserve(row.options.size());
    for (const char* option : row.options)
      if (option != nullptr) mount.options.emplace_back(option);
  }
  return mounts;
}

std::vector<DeviceRule> default_device_rules() {
  std::vector<DeviceRule> rules;
  rules.reserve(std::size(kAllowed) + 1);
  rules.push_back({false, "a", {}, {}, "rwm"});
  for (const RuleRow& row : kAllowed)
    rules.push_back(
        {true, row.type, device_number(row.major), device_number(row.minor), row.access});
  return rules;
}

}  // namespace mycontainer::runtime::oci
