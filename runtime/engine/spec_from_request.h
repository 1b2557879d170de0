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
  std::string stop_signal;  // "SIGQUIT" or ""
  oci::StringMap labels;
};

// A device of the host that the container gets: node and cgroup rule.
struct GrantedDevice {
  oci::Device node;  // path: where it appears in the container
  std::string access = "rwm";
};

struct KernelVersion {
  int major = 0, minor = 0;
};

struct SpecInputs {
  std::string id;             // 64 hexadecimal digits
  std::string rootfs;         // becomes root.path
  std::string host_files;     // directory holding hosts, hostname, resolv.conf; "": none are bound
  std::string host_hostname;  // for --uts host and --network host
  std::string cgroups_path;   // becomes linux.cgroupsPath
  ImageConfig image;
  ResolvedUser user;
  // Non-empty: a user namespace is made (rootless, or --userns auto).
  std::vector<oci::IdMapping> uid_mappings, gid_mappings;
  std::optional<oci::ConsoleSize> console_size;
  // Replace the default mount of /sys/fs/cgroup when not empty.
  std::vector<oci::Mount> cgroup_mounts;
  std::vector<std::string> capabilities;  // granted, after --cap-add, --cap-drop and --privileged
  std::optional<oci::Seccomp> seccomp;    // the profile that applies; ignored with --privileged
  // Those of --device, and every device of the host with --privileged.
  std::vector<GrantedDevice> devices;
  KernelVersion kernel;
};

// The configuration. Fails when the request contradicts itself or the image ("no command
// specified"); what oci::validate() finds is included.
Result<oci::Spec> spec_from_request(const RunRequest& request, const SpecInputs& inputs);

// The host name the container will have: what was asked for, the host's own when it shares that, or
// the first 12 characters of its id. Also for the texts of /etc/hosts and /etc/hostname.
std::string container_hostname(const RunRequest& request, std::string_view id,
                               std::string_view host_hostname);

}  // namespace mycontainer::runtime::engine
