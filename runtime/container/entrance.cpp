#include "runtime/container/entrance.h"

#include <fcntl.h>

#include <cerrno>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"
#include "runtime/container/birth.h"
#include "runtime/container/control.h"
#include "runtime/security/seccomp_listener.h"

namespace mycontainer::runtime::container {

namespace {

Result<void> send_listener(const oci::Spec& spec, const Record& record, UniqueFd listener,
                           pid_t pid) {
  const oci::Seccomp& seccomp = *spec.linux_config.seccomp;
  oci::ContainerProcessState process;
  process.oci_version = record.oci_version;
  process.pid = pid;
  process.metadata = seccomp.listener_metadata;
  process.state = state_of(record, Status::kRunning);
  return security::send_seccomp_listener(seccomp.listener_path, std::move(listener), process);
}

// Below the container's own cgroup.
Result<cgroup::Cgroup> cgroup_below(const Record& record, const std::string& below) {
  if (("/" + below + "/").find("/../") != std::string::npos) {
    return fail("--cgroup {}: leads out of the container's cgroup", below);
  }
  cgroup::CgroupRecord wanted = record.cgroup;
  for (auto& place : wanted.places) place.path += "/" + below;
  TRY(auto found, cgroup::Cgroup::reopen(wanted));
  if (found.empty()) return fail("--cgroup {}: the container has no such cgroup", below);
  return found;
}

// With sub-cgroups of its own (a container that runs systemd) the container's cgroup can hold no
// process itself (cgroups(7), "no internal processes"): then that of its first process.
Result<cgroup::Cgroup> cgroup_of_init(const Record& record) {
  TRY(const std::string text,
      sys::read_file_at(AT_FDCWD, fmt::format("/proc/{}/cgroup", record.pid)));
  cgroup::CgroupRecord wanted = record.cgroup;
  for (auto& place : wanted.places) {
    if (place.v2) place.path = cgroup::parse_own_v2_path(text);
  }
  return cgroup::Cgroup::reopen(wanted);
}

ExecBirth in_cgroup(const ExecBirth& birth, const cgroup::Cgroup& cgroup) {
  ExecBirth other{.spec = birth.spec, .cgroup = cgroup, .pidfd = birth.pidfd};
  other.join_namespaces = birth.join_namespaces;
  other.streams = birth.streams;
  other.seal_directory = birth.seal_directory;
  other.seccomp_cache = birth.seccomp_cache;
  other.session_keyring = birth.session_keyring;
  other.may_set_groups = birth.may_set_groups;
  other.follow_parent = birth.follow_parent;
  other.gifts = birth.gifts;
  return other;
}

Result<launch::Launch> make_process(const ExecBirth& birth, const Record& record) {
  auto launch = container::give_birth(birth);
  if (launch || launch.error().code != EBUSY) return launch;
  TRY(const auto other, cgroup_of_init(record));
  return container::give_birth(in_cgroup(birth, other));
}

// An ordinary user's single mapping denies setgroups(2) for ever (user_namespaces(7)).
bool may_set_groups(const oci::Spec& spec, const Record& record) {
  return !record.rootless || spec.linux_config.gid_mappings.size() != 1;
}

}  // namespace

Result<Entrance> Entrance::open(const std::string& id, const Settings& settings) {
  TRY(auto directory, StateDirectory::open(settings.root, id));
  TRY(auto record, directory.read_record());
  Entrance entrance(std::move(directory), std::move(record));
  const Record& found = entrance.record_;
  // Before its number is compared with what it was started as: from now on it cannot be another's.
  entrance.pidfd_.reset(found.pid > 0 ? sys::pidfd_open(found.pid, 0) : -1);
  TRY(entrance.status_, status_of(entrance.directory_, found, &entrance.cgroup_));
  if (!entrance.pidfd_) entrance.status_ = Status::kStopped;
  TRY(entrance.spec_, entrance.directory_.read_spec());
  return entrance;
}

Result<launch::Launch> Entrance::give_birth(Newcomer newcomer) {
  spec_.process = std::move(newcomer.process);
  if (newcomer.unconfined) spec_.linux_config.seccomp.reset();
  if (!newcomer.cgroup.empty()) {
    TRY(cgroup_, cgroup_below(record_, newcomer.cgroup));
  } else if (!cgroup_) {
    TRY(cgroup_, cgroup::Cgroup::reopen(record_.cgroup));
  }
  ExecBirth birth{.spec = spec_, .cgroup = *cgroup_, .pidfd = pidfd_.get()};
  birth.join_namespaces = namespaces_to_join(spec_, record_.pid);
  birth.streams = newcomer.streams;
  birth.seal_directory = directory_.path();
  birth.seccomp_cache = std::move(newcomer.seccomp_cache);
  birth.session_keyring = std::move(newcomer.session_keyring);
  birth.may_set_groups = may_set_groups(spec_, record_);
  birth.follow_parent = newcomer.follow_parent;
  birth.gifts.preserved = newcomer.preserved;
  return make_process(birth, record_);
}

Result<bool> Entrance::take_message(launch::Launch& launch, launch::Started& started) const {
  TRY(const bool more, launch.take_message(started));
  if (!started.seccomp_listener) return more;
  TRY_VOID(
      send_listener(spec_, record_, std::move(started.seccomp_listener), launch.process().pid()));
  return more;
}

}  // namespace mycontainer::runtime::container
