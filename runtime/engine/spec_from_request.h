// From what was asked for to an OCI configuration: the one place where Docker's rules about
// defaults live. Parent side; pure: everything that had to be looked up comes in as SpecInputs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/engine/run_request.h"
#include "runtime/engine/user_lookup.h"
#include "runtime/oci/spec.h"

namespace mycontainer::runtime::engine {

// What an image says about its containers (OCI image-spec, config.md, "config").
struct ImageConfig {
  std::vector<std::string> env, entrypoint, cmd;
  std::string user, working_directory;
  std::string stop_signal;  // "SIGQUIT", a number, or ""
  oci::StringMap labels;
  std::vector<std::string> exposed_ports;  // "80/tcp"
  std::vector<std::string> volumes;        // absolute paths
  state::HealthCheck health_check;
};

// A device of the host that the container gets: node and cgroup rule.
struct GrantedDevice {
  oci::Device node;  // path: where it appears in the container
  std::string access = "rwm";
  std::string host_path = {};  // where it stands on the host; empty: at the same place
};

struct KernelVersion {
  int major = 0, minor = 0;
};

struct SpecInputs {
  std::string id;                 // 64 hexadecimal digits
  std::string rootfs = "rootfs";  // becomes root.path
  std::string host_files;     // directory holding hosts, hostname, resolv.conf; "": none are bound
  std::string host_hostname;  // for --uts host and --network host
  std::string cgroups_path;   // becomes linux.cgroupsPath
  ImageConfig image;
  ResolvedUser user;
  // Non-empty: a user namespace is made (rootless, or --userns auto).
  std::vector<oci::IdMapping> uid_mappings, gid_mappings;
  bool rootless = false;  // by an ordinary user
  std::optional<oci::ConsoleSize> console_size;
  std::vector<std::string> capabilities;  // granted, after --cap-add, --cap-drop and --privileged
  // The profile that applies, or none. With --privileged the default one is left out, one that was
  // asked for is kept.
  std::optional<oci::Seccomp> seccomp;
  // Those of --device, and every device of the host with --privileged.
  std::vector<GrantedDevice> devices;
  std::vector<std::string> machine_masked_paths;  // security::thermal_throttle_paths()
  KernelVersion kernel;
};

// The configuration, in Docker's terms:
// - arguments are entry point + command; --entrypoint, also an empty one, drops the image's
// command;
// - the environment is PATH, HOSTNAME, TERM (with -t), then the image's, then -e in place, then
// HOME;
// - a mount that was asked for replaces the default one at its place, one at /dev all of /dev;
// - --privileged: every device, nothing masked, /sys and cgroups writable, no default seccomp.
// What a user namespace may not mount is bound from the host instead: /proc with --pid host, /sys
// with --network host, /dev/mqueue with --ipc host.
// Fails when the request contradicts itself or the image ("no command specified"), and with what
// oci::validate() finds.
Result<oci::Spec> spec_from_request(const RunRequest& request, SpecInputs inputs);

// The host name the container will have: what was asked for, the host's own when it shares that, or
// the first 12 characters of its id. Also for the texts of /etc/hosts and /etc/hostname.
std::string container_hostname(const RunRequest& request, std::string_view id,
                               std::string_view host_hostname);

}  // namespace mycontainer::runtime::engine
