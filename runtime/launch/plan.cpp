#include "runtime/launch/plan.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "runtime/launch/plan_scheduling.h"
#include "runtime/oci/defaults.h"
#include "runtime/security/capabilities.h"

namespace mycontainer::runtime::launch {

namespace {

struct NamespaceName {
  std::string_view type;
  std::uint64_t flag;
};
constexpr std::array kNamespaces = {
    NamespaceName{"pid", CLONE_NEWPID},   NamespaceName{"network", CLONE_NEWNET},
    NamespaceName{"mount", CLONE_NEWNS},  NamespaceName{"ipc", CLONE_NEWIPC},
    NamespaceName{"uts", CLONE_NEWUTS},   NamespaceName{"user", CLONE_NEWUSER},
    NamespaceName{"time", CLONE_NEWTIME}, NamespaceName{"cgroup", CLONE_NEWCGROUP},
};

struct RlimitName {
  std::string_view type;
  int resource;
};
constexpr std::array kRlimits = {
    RlimitName{"RLIMIT_AS", RLIMIT_AS},
    RlimitName{"RLIMIT_CORE", RLIMIT_CORE},
    RlimitName{"RLIMIT_CPU", RLIMIT_CPU},
    RlimitName{"RLIMIT_DATA", RLIMIT_DATA},
    RlimitName{"RLIMIT_FSIZE", RLIMIT_FSIZE},
    RlimitName{"RLIMIT_LOCKS", RLIMIT_LOCKS},
    RlimitName{"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    RlimitName{"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
    RlimitName{"RLIMIT_NICE", RLIMIT_NICE},
    RlimitName{"RLIMIT_NOFILE", RLIMIT_NOFILE},
    RlimitName{"RLIMIT_NPROC", RLIMIT_NPROC},
    RlimitName{"RLIMIT_RSS", RLIMIT_RSS},
    RlimitName{"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    RlimitName{"RLIMIT_RTTIME", RLIMIT_RTTIME},
    RlimitName{"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    RlimitName{"RLIMIT_STACK", RLIMIT_STACK},
};

bool has_new_namespace(const oci::Spec& spec, std::string_view type) {
  return std::ranges::any_of(spec.linux_config.namespaces, [type](const oci::Namespace& entry) {
    return entry.type == type && entry.path.empty();
  });
}

bool has_namespace(const oci::Spec& spec, std::string_view type) {
  return std::ranges::any_of(spec.linux_config.namespaces,
                             [type](const oci::Namespace& entry) { return entry.type == type; });
}

// A mount on "/" itself is the root's own filesystem: an overlay over root.path, which is then only
// the place it is mounted on.
Result<void> plan_root(const oci::Spec& spec, const InitFacts& facts, init::InitPlan& plan) {
  init::RootPlan& root = plan.root;
  root.kind = init::RootPlan::Kind::kBind;
  root.directory = spec.root.path;
  root.shift_owners = facts.shift_root;
  root.readonly = spec.root.readonly;
  root.propagation = spec.linux_config.rootfs_propagation;
  if (spec.mounts.empty() || spec.mounts.front().destination != "/") return {};
  const oci::Mount& mount = spec.mounts.front();
  if (mount.type != "overlay") {
    return fail("mounts[0]: a mount on / must be an overlay, not \"{}\"", mount.type);
  }
  root.kind = init::RootPlan::Kind::kOverlay;
  TRY(root.overlay, rootfs::layer::parse_overlay_options(mount.options));
  return {};
}

std::vector<init::MappedIds> mapped_ids(const std::vector<oci::IdMapping>& mappings) {
  std::vector<init::MappedIds> result;
  result.reserve(mappings.size());
  for (const oci::IdMapping& map : mappings) {
    result.push_back({map.container_id, map.host_id, map.size});
  }
  return result;
}

Result<void> plan_mount(const oci::Mount& mount, init::InitPlan& plan) {
  TRY(auto parsed,
      rootfs::mount::plan_mount(mount.destination, mount.type, mount.source, mount.options));
  init::PlannedMount planned{std::move(parsed), -1, mapped_ids(mount.uid_mappings),
                             mapped_ids(mount.gid_mappings)};
  // The options need not say it when there are mappings (config.md, "uidMappings").
  planned.mount.idmap |= !planned.uid_map.empty();
  plan.mounts.push_back(std::move(planned));
  return {};
}

// One mount of type "cgroup" stands for all that this host has; where, and whether they are
// writable, is the configuration's to say.
constexpr std::string_view kCgroupPlace = "/sys/fs/cgroup";

Result<void> plan_cgroup_mounts(const oci::Mount& mount, const InitFacts& facts,
                                init::InitPlan& plan) {
  const bool readonly = std::ranges::find(mount.options, "ro") != mount.options.end();
  for (oci::Mount part : facts.cgroup_mounts) {
    if (!readonly) std::erase(part.options, "ro");
    part.destination.replace(0, kCgroupPlace.size(), mount.destination);
    TRY_VOID(plan_mount(part, plan));
  }
  return {};
}

Result<void> plan_mounts(const oci::Spec& spec, const InitFacts& facts, init::InitPlan& plan) {
  for (std::size_t i = 0; i < spec.mounts.size(); ++i) {
    const oci::Mount& mount = spec.mounts[i];
    if (i == 0 && mount.destination == "/") continue;
    if (mount.type == "cgroup") {
      TRY_VOID(plan_cgroup_mounts(mount, facts, plan));
      continue;
    }
    if (auto planned = plan_mount(mount, plan); !planned) {
      return within("mounts[" + std::to_string(i) + "]", std::move(planned).error());
    }
  }
  return {};
}

// SELinux cannot label these: they have labels of their own.
bool is_labelled_by_kernel(const std::string& type) {
  return type == "proc" || type == "sysfs" || type.starts_with("cgroup");
}

void label_mounts(const std::string& label, init::InitPlan& plan) {
  if (label.empty()) return;
  for (init::PlannedMount& planned : plan.mounts) {
    rootfs::mount::MountPlan& mount = planned.mount;
    const bool is_new = mount.kind == rootfs::mount::MountKind::kFilesystem;
    if (is_new && !is_labelled_by_kernel(mount.type)) mount.data.push_back("context=" + label);
  }
}

Result<init::PlannedDevice> plan_device(const oci::Device& device) {
  std::uint32_t type = 0;
  if (device.type == "c" || device.type == "u") type = S_IFCHR;
  if (device.type == "b") type = S_IFBLK;
  if (device.type == "p") type = S_IFIFO;
  if (type == 0) return fail("linux.devices: unknown type \"{}\"", device.type);
  init::PlannedDevice planned;
  planned.path = planned.host_path = device.path;
  // Some clients write the whole st_mode.
  planned.mode = type | (device.file_mode.value_or(0666) & 07777);
  if (!S_ISFIFO(type)) {
    planned.major = static_cast<std::uint32_t>(device.major);
    planned.minor = static_cast<std::uint32_t>(device.minor);
  }
  planned.uid = device.uid.value_or(0);
  planned.gid = device.gid.value_or(0);
  return planned;
}

// A /dev that is the host's own, bound into the container, is left as it is.
bool has_own_dev(const oci::Spec& spec) {
  return std::ranges::none_of(spec.mounts, [](const oci::Mount& mount) {
    return rootfs::mount::clean_path(mount.destination) == "/dev" && mount.type != "tmpfs";
  });
}

Result<void> plan_devices(const oci::Spec& spec, const InitFacts& facts, init::InitPlan& plan) {
  plan.default_links = has_own_dev(spec);
  if (!plan.default_links) return {};
  for (const oci::DefaultDevice& device : oci::kDefaultDevices) {
    const std::string path(device.path);
    plan.devices.push_back(
        {path, S_IFCHR | 0666, device.major, device.minor, 0, 0, false, path, -1});
  }
  for (const oci::Device& device : spec.linux_config.devices) {
    TRY(auto planned, plan_device(device));
    plan.devices.push_back(std::move(planned));
  }
  for (init::PlannedDevice& device : plan.devices) {
    device.bind = !S_ISFIFO(device.mode) && (facts.rootless || has_namespace(spec, "user"));
  }
  return {};
}

Result<void> plan_identity(const oci::Process& process, const InitFacts& facts,
                           init::InitPlan& plan) {
  init::IdentityPlan& identity = plan.identity;
  identity.uid = process.user.uid;
  identity.gid = process.user.gid;
  identity.groups = process.user.additional_gids;
  identity.umask = process.user.umask;
  // Without the property there are none, as runc and crun have it. Names that nobody here knows are
  // passed over: config.md forbids failing on them.
  const oci::Capabilities none;
  identity.capabilities = security::parse_capabilities(process.capabilities.value_or(none)).sets;
  identity.no_new_privileges = process.no_new_privileges;
  identity.apparmor_profile = process.apparmor_profile;
  identity.selinux_label = process.selinux_label;
  identity.seccomp_filter = facts.seccomp_filter;
  identity.session_keyring = facts.session_keyring;
  identity.seccomp_flags = facts.seccomp_flags;
  return {};
}

Result<void> plan_process(const oci::Process& process, const InitFacts& facts,
                          init::InitPlan& plan) {
  for (const oci::Rlimit& limit : process.rlimits) {
    const auto* found = std::ranges::find(kRlimits, limit.type, &RlimitName::type);
    if (found == kRlimits.end()) return fail("process.rlimits: unknown type \"{}\"", limit.type);
    plan.rlimits.push_back({found->resource, limit.soft, limit.hard});
  }
  if (process.terminal) {
    const oci::ConsoleSize size = process.console_size.value_or(oci::ConsoleSize{});
    plan.terminal = init::TerminalPlan{static_cast<std::uint16_t>(size.height),
                                       static_cast<std::uint16_t>(size.width)};
  }
  plan.oom_score_adj = process.oom_score_adj;
  plan.working_directory = process.cwd;
  plan.args = process.args;
  plan.env = process.env;
  return plan_identity(process, facts, plan);
}

// "monotonic 86400 0", a line for each clock (time_namespaces(7)).
std::string time_offsets_text(const std::map<std::string, oci::TimeOffset>& offsets) {
  std::string text;
  for (const auto& [clock, offset] : offsets) {
    text += fmt::format("{} {} {}\n", clock, offset.secs, offset.nanosecs);
  }
  return text;
}

std::vector<init::PlannedHook> planned(const std::vector<oci::Hook>& hooks) {
  std::vector<init::PlannedHook> result;
  result.reserve(hooks.size());
  for (const oci::Hook& hook : hooks) {
    result.push_back({hook.path, hook.args, hook.env, hook.timeout});
  }
  return result;
}

void plan_hooks(const oci::Hooks& hooks, const InitFacts& facts, init::HooksPlan& plan) {
  plan.parent_has_some = !hooks.prestart.empty() || !hooks.create_runtime.empty();
  plan.create_container = planned(hooks.create_container);
  plan.start_container = planned(hooks.start_container);
  plan.creating_state = facts.creating_state;
  plan.created_state = facts.created_state;
}

}  // namespace

Result<StartPlan> plan_start(const oci::Spec& spec) {
  StartPlan plan;
  for (const oci::Namespace& entry : spec.linux_config.namespaces) {
    const auto* found = std::ranges::find(kNamespaces, entry.type, &NamespaceName::type);
    if (found == kNamespaces.end()) {
      return fail("linux.namespaces: unknown type \"{}\"", entry.type);
    }
    if (!entry.path.empty()) {
      plan.joined.push_back({found->flag, entry.path});
    } else if (found->flag != CLONE_NEWCGROUP) {
      plan.new_namespaces |= found->flag;
    }
  }
  plan.uid_map = spec.linux_config.uid_mappings;
  plan.gid_map = spec.linux_config.gid_mappings;
  plan.time_offsets = time_offsets_text(spec.linux_config.time_offsets);
  plan.terminal = spec.process && spec.process->terminal;
  return plan;
}

Result<init::InitPlan> plan_exec(const oci::Spec& spec, const StartPlan& start,
                                 const InitFacts& facts) {
  if (!spec.process) return fail("process: missing");
  init::InitPlan plan;
  plan.kind = init::InitPlan::Kind::kExec;
  TRY_VOID(plan_process(*spec.process, facts, plan));
  TRY(plan.scheduling, plan_scheduling(spec));
  plan.identity.may_set_groups = start.may_set_groups;
  plan.parent_death_signal = start.parent_death_signal;
  return plan;
}

Result<init::InitPlan> plan_init(const oci::Spec& spec, const StartPlan& start,
                                 const InitFacts& facts) {
  if (!spec.process) return fail("process: missing");
  init::InitPlan plan;
  TRY_VOID(plan_root(spec, facts, plan));
  TRY_VOID(plan_mounts(spec, facts, plan));
  label_mounts(spec.linux_config.mount_label, plan);
  TRY_VOID(plan_devices(spec, facts, plan));
  TRY_VOID(plan_process(*spec.process, facts, plan));
  TRY(plan.scheduling, plan_scheduling(spec));
  const oci::Linux& config = spec.linux_config;
  plan.loopback = has_new_namespace(spec, "network");
  plan.cgroup_namespace = has_new_namespace(spec, "cgroup");
  plan.hostname = spec.hostname;
  plan.domainname = spec.domainname;
  plan.masked_paths = config.masked_paths;
  plan.readonly_paths = config.readonly_paths;
  plan.sysctls.assign(config.sysctl.begin(), config.sysctl.end());
  plan.identity.may_set_groups = start.may_set_groups;
  plan.parent_death_signal = start.parent_death_signal;
  const auto reaper = spec.annotations.find(oci::kInitAnnotation);
  plan.reaper = reaper != spec.annotations.end() && reaper->second == "true";
  plan.trace = facts.trace;
  plan.root.no_pivot = facts.no_pivot;
  plan_hooks(spec.hooks, facts, plan.hooks);
  return plan;
}

}  // namespace mycontainer::runtime::launch
