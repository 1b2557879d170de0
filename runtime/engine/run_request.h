// What `mycontainer run` was asked to do, typed and checked: the output of cmd/options, the input
// of the engine.
//
// Pure data, no strings left to parse except paths and names that only the image can resolve (the
// user, for example).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rootfs/image/platform.h"
#include "runtime/images/pull.h"
#include "runtime/network/address/settings.h"
#include "runtime/oci/spec.h"
#include "runtime/state/record.h"

namespace mycontainer::runtime::engine {

// What the container's root is made from.
struct RootSource {
  enum class Kind { kBuiltin, kDirectory, kImage };
  Kind kind = Kind::kBuiltin;
  std::string name;     // kDirectory: the directory; kImage: the reference as typed
  bool overlay = true;  // kDirectory: with a throw-away overlay (--rootfs DIR:O); kBuiltin: always
};

// Of a mount that is a volume (rootfs/volume).
struct VolumeSettings {
  std::string driver;              // "": the local one
  oci::StringMap labels, options;  // of one that is made for it
  std::string subpath;             // what of it is mounted; relative
  bool no_copy = false;            // it does not get what the image has there
  bool must_exist = false;         // --volumes-from: it is not made anew
  bool anonymous = false;          // made for this container alone, or for the one it is taken from
  // Once it is known which one it is (plan_volumes.h):
  std::string data;       // its files on the host
  bool idmapped = false;  // --userns auto: its ids on disk are those that the container sees
};

enum class PullPolicy { kMissing, kAlways, kNever };

// How an image comes here that the root is to be made from.
struct ImageRequest {
  PullPolicy pull = PullPolicy::kMissing;
  bool quiet = false;                               // --quiet: not a word about it
  std::optional<rootfs::image::Platform> platform;  // absent: this machine's
  images::RegistryOptions registry;
};

struct MountRequest {
  enum class Kind { kBind, kTmpfs, kVolume };
  Kind kind = Kind::kBind;
  std::string source;       // kBind: absolute host path; kVolume: its name, or none
  std::string destination;  // absolute path in the container
  bool readonly = false;
  bool recursive = true;       // kBind: rbind (Docker's default) or bind (bind-nonrecursive)
  bool create_source = false;  // -v creates a missing host directory, --mount refuses it
  std::string propagation;     // "", "rprivate", "private", "rshared", "shared", "rslave", "slave"
  std::vector<std::string> options;  // further OCI mount options: "noexec", "size=64m", "mode=1777"
  VolumeSettings volume;             // kVolume
};

struct DeviceRequest {
  std::string host_path, container_path;
  std::string access = "rwm";
};

struct SeccompRequest {
  enum class Kind { kDefault, kUnconfined, kFile };
  Kind kind = Kind::kDefault;
  std::string file;
};

enum class UsernsMode { kHost, kAuto };

// Who the container's processes are, as typed after -u: "name", "uid", "name:group", "uid:gid" ...
// Numbers were range-checked; names are looked up in the image's /etc/passwd and /etc/group by the
// engine. Empty: root.
struct UserRequest {
  std::string user, group;
  std::vector<std::string> supplementary_groups;  // --group-add: names or numbers
};

struct TraceRequest {
  bool enabled = false;
  std::string file;  // empty: a table on standard error
};

struct RunRequest {
  RootSource root;
  ImageRequest image;
  std::vector<std::string> command;  // COMMAND [ARG...]; empty: the image's own
  std::optional<std::vector<std::string>>
      entrypoint;  // --entrypoint; an empty vector clears the image's

  bool interactive = false, terminal = false, detach = false, remove = false;
  bool init = false, read_only = false, privileged = false;
  bool dry_run = false;
  TraceRequest trace;
  std::string name;      // empty: a generated one
  std::string cid_file;  // --cidfile: gets the container's id; must not exist

  // -a: which streams are attached in the foreground; none named: all (input only with -i).
  bool attach_input = false, attach_output = false, attach_error = false;
  bool sig_proxy = true;
  std::string detach_keys;  // as bytes (attach::keys_from_text); empty: none
  state::RestartPolicy restart;
  std::optional<state::LogSettings> log;  // only what was asked for
  state::HealthCheck health_check;        // what it does not say is the image's

  std::vector<std::string> env;  // "K=V", in order, files first; a bare "K" was already resolved
                                 // from the caller's environment
  std::string working_directory;
  UserRequest user;
  std::string hostname, domainname;
  oci::StringMap labels, annotations;

  std::vector<MountRequest> mounts;
  std::vector<std::string> volumes_from;  // --volumes-from: "CONTAINER[:ro|rw]"
  std::optional<std::uint64_t> shm_size;
  std::vector<DeviceRequest> devices;

  std::vector<std::string> cap_add, cap_drop;  // "CAP_CHOWN" or "ALL"
  bool no_new_privileges = false;
  SeccompRequest seccomp;
  std::string apparmor_profile;
  oci::StringMap sysctls;
  std::vector<oci::Rlimit> ulimits;

  std::vector<network::EndpointSettings>
      networks;  // --network; empty, or "default": the default (networks.h)
  std::vector<network::PortMapping> ports;  // -p
  std::vector<std::string> expose;          // --expose: "80/tcp", beside the image's
  bool publish_all = false;                 // -P: whatever is exposed, each on a free port
  network::NameSettings names;
  bool host_pid = false, host_ipc = false, host_uts = false;
  UsernsMode userns = UsernsMode::kHost;

  std::string cgroup_parent;
  oci::Resources resources;  // only what was asked for
  std::optional<int> oom_score_adj;
  std::optional<int> stop_signal;   // absent: the image's, else SIGTERM
  std::optional<int> stop_timeout;  // seconds; negative: without end
};

inline bool is_host_network(const RunRequest& request) {
  return network::kind_of(request.networks) == network::Kind::kHost;
}

// A network namespace that is there already: another container's, or one by its path.
inline bool joins_network(const RunRequest& request) {
  const network::Kind kind = network::kind_of(request.networks);
  return kind == network::Kind::kContainer || kind == network::Kind::kNamespace;
}

}  // namespace mycontainer::runtime::engine
