#include "runtime/oci/default_spec.h"

#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "runtime/oci/defaults.h"

namespace mycontainer::runtime::oci {
namespace {

Process default_process() {
  const std::vector<std::string> few = {"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"};
  Process process;
  process.terminal = true;
  process.args = {"sh"};
  process.env = {"PATH=" + std::string(kDefaultPath), "TERM=xterm"};
  process.capabilities = Capabilities{};
  process.capabilities->bounding = process.capabilities->effective = few;
  process.capabilities->permitted = process.capabilities->ambient = few;
  process.rlimits = {{"RLIMIT_NOFILE", 1024, 1024}};
  process.no_new_privileges = true;
  return process;
}

// As Docker's, with runc's spelling of two of them.
std::vector<Mount> spec_mounts() {
  std::vector<Mount> mounts = default_mounts();
  for (Mount& mount : mounts) {
    if (mount.destination == "/proc") mount.options.clear();
    std::replace(mount.options.begin(), mount.options.end(), std::string("size=64m"),
                 std::string("size=65536k"));
  }
  return mounts;
}

bool has_cgroup_v2_only() {
  struct statfs status {};
  return ::statfs("/sys/fs/cgroup", &status) == 0 && status.f_type == CGROUP2_SUPER_MAGIC;
}

Linux default_linux() {
  Linux config;
  config.resources.devices = {{false, "", {}, {}, "rwm"}};
  for (const char* type : {"pid", "network", "ipc", "uts", "mount"})
    config.namespaces.push_back({type, ""});
  if (has_cgroup_v2_only()) config.namespaces.push_back({"cgroup", ""});
  config.masked_paths = {"/proc/acpi",        "/proc/asound",        "/proc/kcore",
                         "/proc/keys",        "/proc/latency_stats", "/proc/timer_list",
                         "/proc/timer_stats", "/proc/sched_debug",   "/sys/firmware",
                         "/proc/scsi"};
  config.readonly_paths = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                           "/proc/sysrq-trigger"};
  return config;
}

void without_group_option(Mount& mount) {
  std::erase_if(mount.options, [](std::string_view option) { return option.starts_with("gid="); });
}

// An ordinary user has one id to map, may not mount the sysfs of a network namespace it did not
// make, and has no cgroup to set limits in.
void make_rootless(Spec& spec) {
  Linux& config = spec.linux_config;
  config.resources = {};
  std::erase_if(config.namespaces, [](const Namespace& ns) { return ns.type == "network"; });
  config.namespaces.push_back({"user", ""});
  config.uid_mappings = {{0, ::geteuid(), 1}};
  config.gid_mappings = {{0, ::getegid(), 1}};
  for (Mount& mount : spec.mounts) {
    without_group_option(mount);
    if (mount.destination == "/sys")
      mount = {"/sys", "none", "/sys", {"rbind", "nosuid", "noexec", "nodev", "ro"}, {}, {}};
  }
}

}  // namespace

Spec default_spec(bool rootless) {
  Spec spec;
  spec.root = {"rootfs", true};
  spec.process = default_process();
  spec.hostname = "mycontainer";
  spec.mounts = spec_mounts();
  spec.linux_config = default_linux();
  if (rootless) make_rootless(spec);
  return spec;
}

}  // namespace mycontainer::runtime::oci
