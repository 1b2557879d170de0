// The OCI runtime-spec configuration (config.json) as plain structs: what every way of making a
// container reads.
//
// Source: https://github.com/opencontainers/runtime-spec, version 1.3, config.md and
// config-linux.md. Member names are the specification's, in snake_case; an absent property is an
// empty optional, vector or string. Nothing here has behaviour: json.h reads and writes it,
// validate.h judges it, defaults.h holds what Docker would put there.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mycontainer::runtime::oci {

inline constexpr const char* kSpecVersion = "1.3.0";

using StringMap = std::map<std::string, std::string>;

struct Root {
  std::string path;
  bool readonly = false;
};

struct ConsoleSize {
  std::uint32_t height = 0, width = 0;
};

struct User {
  std::uint32_t uid = 0, gid = 0;
  std::optional<std::uint32_t> umask;
  std::vector<std::uint32_t> additional_gids;
};

// Capability names as the specification spells them ("CAP_CHOWN").
struct Capabilities {
  std::vector<std::string> bounding, effective, inheritable, permitted, ambient;
};

struct Rlimit {
  std::string type;  // "RLIMIT_NOFILE"
  std::uint64_t hard = 0, soft = 0;
};

struct Scheduler {
  std::string policy;
  std::int32_t nice = 0, priority = 0;
  std::vector<std::string> flags;
  std::uint64_t runtime = 0, deadline = 0, period = 0;
};

struct IoPriority {
  std::string priority_class;  // JSON "class"
  int priority = 0;
};

// Lists of CPUs ("0-3,7") for a process that joins a running container: until it is in the
// container's cgroup, and from then on. The container's own process has no use for them.
struct CpuAffinity {
  std::string initial, final;
};

struct Process {
  bool terminal = false;
  std::optional<ConsoleSize> console_size;
  User user;
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::string cwd = "/";
  std::optional<Capabilities> capabilities;
  std::vector<Rlimit> rlimits;
  bool no_new_privileges = false;
  std::string apparmor_profile;
  std::string selinux_label;
  std::optional<int> oom_score_adj;
  std::optional<Scheduler> scheduler;
  std::optional<IoPriority> io_priority;
  std::optional<CpuAffinity> exec_cpu_affinity;  // JSON "execCPUAffinity"
};

struct IdMapping {
  std::uint32_t container_id = 0, host_id = 0, size = 0;
};

struct Mount {
  std::string destination;
  std::string type;
  std::string source;
  std::vector<std::string> options;
  std::vector<IdMapping> uid_mappings, gid_mappings;
};

struct Hook {
  std::string path;
  std::vector<std::string> args, env;
  std::optional<int> timeout;
};

struct Hooks {
  std::vector<Hook> prestart, create_runtime, create_container, start_container, poststart,
      poststop;
};

struct Namespace {
  std::string type;  // "pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"
  std::string path;  // empty: a new one
};

struct TimeOffset {
  std::int64_t secs = 0;
  std::uint32_t nanosecs = 0;
};

struct Device {
  std::string type;  // "c", "b", "u", "p"
  std::string path;
  std::int64_t major = 0, minor = 0;
  std::optional<std::uint32_t> file_mode;
  std::optional<std::uint32_t> uid, gid;
};

// A network device of the host that becomes the container's.
struct NetDevice {
  std::string name;  // inside; empty: the same as outside
};

struct DeviceRule {
  bool allow = false;
  std::string type;  // "a", "c", "b"; empty means "a"
  std::optional<std::int64_t> major, minor;
  std::string access;  // some of "rwm"
};

struct Memory {
  std::optional<std::int64_t> limit, reservation, swap, kernel, kernel_tcp;
  std::optional<std::uint64_t> swappiness;
  std::optional<bool> disable_oom_killer, use_hierarchy, check_before_update;
};

struct Cpu {
  std::optional<std::uint64_t> shares;
  std::optional<std::int64_t> quota;
  std::optional<std::uint64_t> burst, period;
  std::optional<std::int64_t> realtime_runtime;
  std::optional<std::uint64_t> realtime_period;
  std::string cpus, mems;
  std::optional<std::int64_t> idle;
};

struct BlockIoDevice {
  std::int64_t major = 0, minor = 0;
  std::optional<std::uint16_t> weight, leaf_weight;  // weightDevice
  std::optional<std::uint64_t> rate;                 // the throttle lists
};

struct BlockIo {
  std::optional<std::uint16_t> weight, leaf_weight;
  std::vector<BlockIoDevice> weight_device, throttle_read_bps_device, throttle_write_bps_device,
      throttle_read_iops_device, throttle_write_iops_device;
};

struct HugepageLimit {
  std::string page_size;
  std::uint64_t limit = 0;
};

struct InterfacePriority {
  std::string name;
  std::uint32_t priority = 0;
};

struct NetworkResources {
  std::optional<std::uint32_t> class_id;
  std::vector<InterfacePriority> priorities;
};

struct RdmaLimit {
  std::optional<std::uint32_t> hca_handles, hca_objects;
};

struct Resources {
  std::vector<DeviceRule> devices;
  std::optional<Memory> memory;
  std::optional<Cpu> cpu;
  std::optional<std::int64_t> pids_limit;
  std::optional<BlockIo> block_io;
  std::vector<HugepageLimit> hugepage_limits;
  std::optional<NetworkResources> network;
  std::map<std::string, RdmaLimit> rdma;
  StringMap unified;
};

struct SeccompArg {
  std::uint32_t index = 0;
  std::uint64_t value = 0, value_two = 0;
  std::string op;  // "SCMP_CMP_EQ"
};

struct SeccompRule {
  std::vector<std::string> names;
  std::string action;  // "SCMP_ACT_ALLOW"
  std::optional<std::uint32_t> errno_ret;
  std::vector<SeccompArg> args;
};

struct Seccomp {
  std::string default_action;
  std::optional<std::uint32_t> default_errno_ret;
  std::vector<std::string> architectures;  // "SCMP_ARCH_X86_64"
  std::vector<std::string> flags;          // "SECCOMP_FILTER_FLAG_LOG"
  std::string listener_path, listener_metadata;
  std::vector<SeccompRule> syscalls;
};

struct IntelRdt {
  std::string clos_id, l3_cache_schema, mem_bw_schema;
  std::vector<std::string> schemata;            // lines, written after the two above
  bool enable_cmt = false, enable_mbm = false;  // before 1.3: what enable_monitoring means now
  bool enable_monitoring = false;
};

// set_mempolicy(2).
struct MemoryPolicy {
  std::string mode;   // "MPOL_BIND"
  std::string nodes;  // "0-3,7"
  std::vector<std::string> flags;
};

struct Personality {
  std::string domain;
  std::vector<std::string> flags;
};

struct Linux {
  std::vector<Namespace> namespaces;
  std::vector<IdMapping> uid_mappings, gid_mappings;
  std::map<std::string, TimeOffset> time_offsets;
  std::vector<Device> devices;
  std::map<std::string, NetDevice> net_devices;  // by the host's name
  std::string cgroups_path;
  Resources resources;
  std::string rootfs_propagation;
  StringMap sysctl;
  std::optional<Seccomp> seccomp;
  std::vector<std::string> masked_paths, readonly_paths;
  std::string mount_label;
  std::optional<IntelRdt> intel_rdt;
  std::optional<MemoryPolicy> memory_policy;
  std::optional<Personality> personality;
};

struct Spec {
  std::string oci_version = kSpecVersion;
  Root root;
  std::optional<Process> process;
  std::string hostname, domainname;
  std::vector<Mount> mounts;
  Hooks hooks;
  StringMap annotations;
  Linux linux_config;  // JSON "linux"; the bare word is a macro of GNU compilers
};

}  // namespace mycontainer::runtime::oci
