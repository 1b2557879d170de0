#include "runtime/container/birth.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>

#include "reexec/sys/file.h"
#include "runtime/security/seccomp_cache.h"
#include "runtime/security/seccomp_compile.h"

namespace mycontainer::runtime::container {

namespace {

bool has_namespace(const oci::Spec& spec, std::string_view type) {
  return std::ranges::any_of(spec.linux_config.namespaces,
                             [type](const oci::Namespace& entry) { return entry.type == type; });
}

Result<void> add_seccomp(const oci::Spec& spec, const std::string& cache,
                         launch::InitFacts& facts) {
  const auto& seccomp = spec.linux_config.seccomp;
  if (!seccomp) return {};
  TRY(facts.seccomp_filter, security::compiled_seccomp(*seccomp, cache));
  TRY(facts.seccomp_flags, security::seccomp_flags(*seccomp));
  return {};
}

constexpr const char* kCgroups = "/sys/fs/cgroup";

// Without a cgroup namespace the whole hierarchy would show, with all other containers in it: a
// bind of the container's own directory instead.
std::vector<oci::Mount> own_cgroup_mounts(const cgroup::Cgroup& cgroup) {
  // In none of ours (an ordinary user without delegation), the container sees the caller's, which is
  // not the container's to change (CVE-2023-25809).
  if (cgroup.empty()) {
    return {{kCgroups, "bind", kCgroups, {"rbind", "rro", "nosuid", "nodev", "noexec"}, {}, {}}};
  }
  std::vector<oci::Mount> mounts = cgroup.mounts();
  const cgroup::CgroupRecord record = cgroup.record();
  for (oci::Mount& mount : mounts) {
    const std::string name = mount.destination.substr(mount.destination.rfind('/') + 1);
    for (const auto& place : record.places) {
      const bool matches =
          place.v2 ? mount.type == "cgroup2" : place.mount_point.ends_with("/" + name);
      if (mount.type == "tmpfs" || !matches) continue;
      mount = {mount.destination,
               "bind",
               place.mount_point + place.path,
               {"rbind", "ro", "nosuid", "nodev", "noexec"},
               {},
               {}};
      break;
    }
  }
  return mounts;
}

Result<launch::InitFacts> facts_for(const Birth& birth) {
  launch::InitFacts facts;
  facts.cgroup_mounts =
      has_namespace(birth.spec, "cgroup") ? birth.cgroup.mounts() : own_cgroup_mounts(birth.cgroup);
  facts.trace = birth.trace;
  facts.no_pivot = birth.no_pivot;
  facts.session_keyring = birth.session_keyring;
  facts.rootless = birth.rootless;
  facts.shift_root = birth.shift_root;
  if (birth.states != nullptr) {
    facts.creating_state = birth.states->creating;
    facts.created_state = birth.states->created;
  }
  TRY_VOID(add_seccomp(birth.spec, birth.seccomp_cache, facts));
  return facts;
}

Result<launch::StartPlan> plan_start(const Birth& birth) {
  TRY(launch::StartPlan plan, launch::plan_start(birth.spec));
  // The kernel denies setgroups(2) to an ordinary user who maps only one id by himself
  // (user_namespaces(7)).
  const bool maps_by_himself =
      birth.rootless && has_namespace(birth.spec, "user") && ::geteuid() != 0;
  plan.may_set_groups = !maps_by_himself || birth.spec.linux_config.gid_mappings.size() != 1;
  plan.parent_death_signal = birth.follow_parent ? SIGKILL : 0;
  return plan;
}

bool is_writable_cgroup_mount(const oci::Mount& mount) {
  return (mount.type == "cgroup" || mount.type == "cgroup2") &&
         std::ranges::find(mount.options, "ro") == mount.options.end();
}

// The host's id of the container's root, when its configuration lets it manage cgroups of its own
// (config-linux.md, "Cgroup ownership").
std::optional<std::uint32_t> cgroup_owner(const oci::Spec& spec) {
  const oci::Linux& config = spec.linux_config;
  const bool owns = has_namespace(spec, "user") && has_namespace(spec, "cgroup") &&
                    std::ranges::any_of(spec.mounts, is_writable_cgroup_mount);
  if (!owns) return {};
  for (const oci::IdMapping& map : config.uid_mappings) {
    if (map.container_id == 0) return map.host_id;
  }
  return {};
}

Result<void> put_into_cgroup(const Birth& birth, pid_t pid) {
  if (birth.cgroup_request.driver == cgroup::Driver::kSystemd) {
    TRY(birth.cgroup, cgroup::Cgroup::adopt_by_systemd(birth.cgroup_request, pid));
  }
  if (const auto owner = cgroup_owner(birth.spec)) {
    // An ordinary user cannot give to another of his ids: the container then manages none.
    auto given = birth.cgroup.give_to(*owner);
    if (!given && given.error().code != EPERM) return given;
  }
  return birth.cgroup.limit_devices(birth.cgroup_request);
}

bool same_file(const std::string& one, const std::string& other) {
  struct stat first {};
  struct stat second {};
  return ::stat(one.c_str(), &first) == 0 && ::stat(other.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

struct NamespaceName {
  std::string_view type, file;
  std::uint64_t flag;
};
constexpr NamespaceName kNamespaces[] = {
    {"pid", "pid", CLONE_NEWPID},    {"network", "net", CLONE_NEWNET},
    {"mount", "mnt", CLONE_NEWNS},   {"ipc", "ipc", CLONE_NEWIPC},
    {"uts", "uts", CLONE_NEWUTS},    {"user", "user", CLONE_NEWUSER},
    {"time", "time", CLONE_NEWTIME}, {"cgroup", "cgroup", CLONE_NEWCGROUP}};

}  // namespace

// Those of the configuration that are not ours anyway: the kernel refuses to enter one's own user
// namespace again.
std::uint64_t namespaces_to_join(const oci::Spec& spec, pid_t pid) {
  std::uint64_t flags = 0;
  for (const NamespaceName& name : kNamespaces) {
    if (!has_namespace(spec, name.type)) continue;
    const std::string ours = fmt::format("/proc/self/ns/{}", name.file);
    const std::string theirs = fmt::format("/proc/{}/ns/{}", pid, name.file);
    if (!same_file(ours, theirs)) flags |= name.flag;
  }
  return flags;
}

Result<launch::Launch> give_birth(const Birth& birth) {
  TRY(launch::StartPlan start, plan_start(birth));
  TRY(auto launch,
      launch::Launch::start(start, {birth.streams, birth.cgroup.dirfd(), birth.seal_directory}));
  const pid_t pid = launch.process().pid();
  if (birth.after_clone) TRY_VOID(birth.after_clone(pid));
  const bool systemd = birth.cgroup_request.driver == cgroup::Driver::kSystemd;
  // Which cgroups there are must be known before they can be mounted.
  if (systemd) TRY_VOID(put_into_cgroup(birth, pid));
  TRY(const launch::InitFacts facts, facts_for(birth));
  TRY(init::InitPlan plan, launch::plan_init(birth.spec, start, facts));
  TRY_VOID(launch.send(std::move(plan), birth.gifts));
  auto made = birth.after_plan ? birth.after_plan(pid) : Result<void>();
  if (!made) return launch.failure_of_child(std::move(made).error());
  if (!systemd) TRY_VOID(put_into_cgroup(birth, pid));
  TRY(const auto entrances, birth.cgroup.entrances());
  TRY_VOID(launch.go(entrances));
  return launch;
}

Result<launch::Launch> give_birth(const ExecBirth& birth) {
  launch::StartPlan start;
  start.terminal = birth.spec.process && birth.spec.process->terminal;
  start.may_set_groups = birth.may_set_groups;
  start.parent_death_signal = birth.follow_parent ? SIGKILL : 0;
  launch::InitFacts facts;
  facts.session_keyring = birth.session_keyring;
  TRY_VOID(add_seccomp(birth.spec, birth.seccomp_cache, facts));
  TRY(init::InitPlan plan, launch::plan_exec(birth.spec, start, facts));
  launch::LaunchRequest request{birth.streams, birth.cgroup.dirfd(), birth.seal_directory};
  request.join_pidfd = birth.pidfd;
  request.join_namespaces = birth.join_namespaces;
  request.initial_cpus = plan.scheduling.initial_cpus;
  TRY(auto launch, launch::Launch::start(start, request));
  TRY_VOID(launch.send(std::move(plan), birth.gifts));
  TRY(const auto entrances, birth.cgroup.entrances());
  TRY_VOID(launch.go(entrances));
  return launch;
}

}  // namespace mycontainer::runtime::container
