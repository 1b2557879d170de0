#include "runtime/oci/validate.h"

#include <array>
#include <string>

#include "runtime/oci/validate_linux.h"

namespace mycontainer::runtime::oci {
namespace {

using Strings = std::vector<std::string>;

constexpr std::array<std::string_view, 16> kRlimits = {
    "RLIMIT_AS",     "RLIMIT_CORE",   "RLIMIT_CPU",        "RLIMIT_DATA",
    "RLIMIT_FSIZE",  "RLIMIT_LOCKS",  "RLIMIT_MEMLOCK",    "RLIMIT_MSGQUEUE",
    "RLIMIT_NICE",   "RLIMIT_NOFILE", "RLIMIT_NPROC",      "RLIMIT_RSS",
    "RLIMIT_RTPRIO", "RLIMIT_RTTIME", "RLIMIT_SIGPENDING", "RLIMIT_STACK"};
constexpr std::array<std::string_view, 3> kIoClasses = {"IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE",
                                                        "IOPRIO_CLASS_IDLE"};
constexpr std::array<std::string_view, 7> kPolicies = {"SCHED_OTHER",   "SCHED_FIFO", "SCHED_RR",
                                                       "SCHED_BATCH",   "SCHED_ISO",  "SCHED_IDLE",
                                                       "SCHED_DEADLINE"};
constexpr int kOomScoreLimit = 1000;         // proc(5), oom_score_adj
constexpr std::size_t kMaxHostname = 64;     // sethostname(2), HOST_NAME_MAX
constexpr std::uint32_t kNoId = UINT32_MAX;  // setresuid(2): "leave it as it is"

Result<void> check_version(const std::string& version) {
  if (version.starts_with("1.")) return {};
  return fail("ociVersion: \"{}\" is not a version we know (1.x)", version);
}

Result<void> check_strings(const char* path, const Strings& strings) {
  for (std::size_t i = 0; i < strings.size(); ++i)
    if (has_nul(strings[i])) return fail("{}[{}]: holds a NUL byte", path, i);
  return {};
}

Result<void> check_env(const char* path, const Strings& env) {
  TRY_VOID(check_strings(path, env));
  for (std::size_t i = 0; i < env.size(); ++i)
    if (const auto equals = env[i].find('='); equals == std::string::npos || equals == 0)
      return fail("{}[{}]: \"{}\" is not NAME=VALUE", path, i, env[i]);
  return {};
}

Result<void> check_user(const User& user) {
  if (user.uid == kNoId) return fail("process.user.uid: {} is not a user", user.uid);
  if (user.gid == kNoId) return fail("process.user.gid: {} is not a group", user.gid);
  for (std::size_t i = 0; i < user.additional_gids.size(); ++i)
    if (user.additional_gids[i] == kNoId)
      return fail("process.user.additionalGids[{}]: {} is not a group", i, kNoId);
  if (user.umask && *user.umask > 0777) return fail("process.user.umask: above 0777");
  return {};
}

Result<void> check_rlimits(const std::vector<Rlimit>& rlimits) {
  for (auto limit = rlimits.begin(); limit != rlimits.end(); ++limit) {
    const auto i = limit - rlimits.begin();
    const auto same_type = [&](const Rlimit& other) { return other.type == limit->type; };
    if (!contains(kRlimits, limit->type))
      return fail("process.rlimits[{}].type: unknown \"{}\"", i, limit->type);
    if (limit->soft > limit->hard)
      return fail("process.rlimits[{}].soft: {} is above the hard limit {}", i, limit->soft,
                  limit->hard);
    if (std::find_if(rlimits.begin(), limit, same_type) != limit)
      return fail("process.rlimits[{}].type: {} is set twice", i, limit->type);
  }
  return {};
}

Result<void> check_scheduling(const Process& process) {
  if (process.oom_score_adj &&
      (*process.oom_score_adj < -kOomScoreLimit || *process.oom_score_adj > kOomScoreLimit))
    return fail("process.oomScoreAdj: {} is not between -1000 and 1000", *process.oom_score_adj);
  if (process.scheduler && !contains(kPolicies, process.scheduler->policy))
    return fail("process.scheduler.policy: unknown \"{}\"", process.scheduler->policy);
  if (!process.io_priority) return {};
  if (!contains(kIoClasses, process.io_priority->priority_class))
    return fail("process.ioPriority.class: unknown \"{}\"", process.io_priority->priority_class);
  if (process.io_priority->priority < 0 || process.io_priority->priority > 7)
    return fail("process.ioPriority.priority: {} is not between 0 and 7",
                process.io_priority->priority);
  return {};
}

Result<void> check_process(const Process& process) {
  if (process.args.empty()) return fail("process.args: names no program");
  if (process.args[0].empty()) return fail("process.args[0]: names no program");
  TRY_VOID(check_strings("process.args", process.args));
  TRY_VOID(check_env("process.env", process.env));
  if (!is_absolute(process.cwd))
    return fail("process.cwd: \"{}\" is not an absolute path", process.cwd);
  if (!process.selinux_label.empty())
    return fail("process.selinuxLabel: SELinux labels are not supported");
  TRY_VOID(check_user(process.user));
  TRY_VOID(check_rlimits(process.rlimits));
  return check_scheduling(process);
}

// A relative destination is taken from "/": deprecated, but allowed (config.md, "Mounts").
Result<void> check_mounts(const std::vector<Mount>& mounts) {
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    const Mount& mount = mounts[i];
    if (mount.destination.empty()) return fail("mounts[{}].destination: empty", i);
    if (has_nul(mount.destination)) return fail("mounts[{}].destination: holds a NUL byte", i);
    if (has_nul(mount.source)) return fail("mounts[{}].source: holds a NUL byte", i);
    if (has_nul(mount.type)) return fail("mounts[{}].type: holds a NUL byte", i);
    if (mount.uid_mappings.empty() != mount.gid_mappings.empty())
      return fail("mounts[{}]: uidMappings and gidMappings only go together", i);
    for (std::size_t k = 0; k < mount.options.size(); ++k)
      if (has_nul(mount.options[k])) return fail("mounts[{}].options[{}]: holds a NUL byte", i, k);
  }
  return {};
}

Result<void> check_hooks(const char* kind, const std::vector<Hook>& hooks) {
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    const std::string place = fmt::format("hooks.{}[{}]", kind, i);
    if (!is_absolute(hooks[i].path))
      return fail("{}.path: \"{}\" is not an absolute path", place, hooks[i].path);
    if (hooks[i].timeout && *hooks[i].timeout <= 0)
      return fail("{}.timeout: {} is not above 0", place, *hooks[i].timeout);
    TRY_VOID(check_strings((place + ".args").c_str(), hooks[i].args));
    TRY_VOID(check_env((place + ".env").c_str(), hooks[i].env));
  }
  return {};
}

Result<void> check_all_hooks(const Hooks& hooks) {
  TRY_VOID(check_hooks("prestart", hooks.prestart));
  TRY_VOID(check_hooks("createRuntime", hooks.create_runtime));
  TRY_VOID(check_hooks("createContainer", hooks.create_container));
  TRY_VOID(check_hooks("startContainer", hooks.start_container));
  TRY_VOID(check_hooks("poststart", hooks.poststart));
  return check_hooks("poststop", hooks.poststop);
}

// The name would otherwise be the host's.
Result<void> check_name(const char* property, const std::string& name, const Linux& config) {
  if (name.empty()) return {};
  if (!has_namespace(config, "uts")) return fail("{}: needs its own uts namespace", property);
  if (name.size() > kMaxHostname) return fail("{}: longer than {} bytes", property, kMaxHostname);
  if (has_nul(name)) return fail("{}: holds a NUL byte", property);
  return {};
}

}  // namespace

Result<void> validate(const Spec& spec) {
  TRY_VOID(check_version(spec.oci_version));
  if (spec.root.path.empty()) return fail("root.path: empty");
  if (has_nul(spec.root.path)) return fail("root.path: holds a NUL byte");
  if (spec.process) TRY_VOID(check_process(*spec.process));
  TRY_VOID(check_mounts(spec.mounts));
  TRY_VOID(check_all_hooks(spec.hooks));
  TRY_VOID(check_name("hostname", spec.hostname, spec.linux_config));
  TRY_VOID(check_name("domainname", spec.domainname, spec.linux_config));
  return validate_linux(spec);
}

}  // namespace mycontainer::runtime::oci
