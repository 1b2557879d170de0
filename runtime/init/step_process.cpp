// The steps that turn PID 1 into the user the container runs as, with no more rights than it was
// given.
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <string_view>

#include "reexec/sys/file.h"
#include "runtime/init/exec_diagnosis.h"
#include "runtime/init/home.h"
#include "runtime/init/procfs.h"
#include "runtime/init/steps.h"
#include "runtime/security/apparmor.h"
#include "runtime/security/capabilities.h"
#include "runtime/security/credentials.h"
#include "runtime/security/seccomp_install.h"
#include "runtime/security/seccomp_listener.h"
#include "runtime/security/selinux.h"

namespace mycontainer::runtime::init {

Result<void> find_home(Context& context) {
  static constexpr std::string_view kName = "HOME=";
  const auto& env = context.plan.env;
  const auto is_home = [](const std::string& entry) { return entry.starts_with(kName); };
  if (std::ranges::any_of(env, is_home)) return {};
  context.home = kName;
  context.home += home_below(context.root_mount.get(), context.plan.identity.uid);
  return {};
}

Result<void> set_resource_limits(Context& context) {
  for (const PlannedRlimit& limit : context.plan.rlimits) {
    const rlimit value{limit.soft, limit.hard};
    if (::setrlimit(static_cast<__rlimit_resource>(limit.resource), &value) < 0) {
      return fail_errno("set resource limit {} to {}:{}", limit.resource, limit.soft, limit.hard);
    }
  }
  if (context.plan.oom_score_adj) {
    TRY_VOID(write_procfs(context.proc, "self/oom_score_adj",
                          std::to_string(*context.plan.oom_score_adj)));
  }
  return {};
}

Result<void> join_session_keyring(Context& context) {
  const std::string& name = context.plan.identity.session_keyring;
  if (name.empty()) return {};
  if (::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name.c_str()) >= 0) {
    // Who joins by name needs the right to search, which the user does not have by default.
    constexpr unsigned kPossessorAllUserSearch = 0x3f1b0000;
    (void)::syscall(SYS_keyctl, KEYCTL_SETPERM, KEY_SPEC_SESSION_KEYRING, kPossessorAllUserSearch);
    return {};
  }
  // A kernel without keys has none to share; an outer filter that hides the call hides the keys too.
  if (errno == ENOSYS || errno == EPERM) return {};
  // One that somebody else made under this name, or a full quota: an unnamed one then.
  if (::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr) >= 0) return {};
  Error error = fail_errno("make a session keyring").value();
  if (error.code == EDQUOT) error.hint = "the user has too many: see /proc/sys/kernel/keys/maxkeys";
  return Failure(std::move(error));
}

Result<void> drop_bounding_capabilities(Context& context) {
  const auto& capabilities = context.plan.identity.capabilities;
  if (!capabilities) return {};
  return security::drop_bounding(capabilities->bounding);
}

namespace {

// The signal was cleared by the change of ids (prctl(2)), and the parent may have died meanwhile:
// its end of the channel tells, where getppid(2) cannot across PID namespaces.
Result<void> follow_parent_into_death(Context& context) {
  if (context.plan.parent_death_signal == 0) return {};
  if (::prctl(PR_SET_PDEATHSIG, context.plan.parent_death_signal) < 0) {
    return fail_errno("set the parent death signal");
  }
  pollfd channel{context.channel.fd(), 0, 0};
  if (::poll(&channel, 1, 0) == 1 && (channel.revents & POLLHUP) != 0) {
    return fail("the parent process ended before the container started");
  }
  return {};
}

}  // namespace

Result<void> assume_identity(Context& context) {
  const IdentityPlan& identity = context.plan.identity;
  // Capabilities must outlive setresuid until give_up_privileges has used them.
  if (identity.uid != 0) TRY_VOID(security::keep_capabilities());
  security::Identity wanted;
  wanted.uid = identity.uid;
  wanted.gid = identity.gid;
  if (identity.may_set_groups) wanted.groups = identity.groups;
  wanted.umask = identity.umask.value_or(0022);
  TRY_VOID(security::take_identity(wanted));
  return follow_parent_into_death(context);
}

namespace {

std::string_view path_of(const std::vector<std::string>& env) {
  constexpr std::string_view kName = "PATH=";
  for (const std::string& entry : env) {
    if (entry.starts_with(kName)) return std::string_view(entry).substr(kName.size());
  }
  return {};
}

bool has_listener(const IdentityPlan& identity) {
  return (identity.seccomp_flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0;
}

Result<void> install_filter(Context& context) {
  const IdentityPlan& identity = context.plan.identity;
  if (identity.seccomp_filter.empty()) return {};
  if (!has_listener(identity)) {
    TRY(const UniqueFd none,
        security::install_seccomp(identity.seccomp_filter, identity.seccomp_flags));
    return {};
  }
  return security::install_seccomp_with_listener(
      identity.seccomp_filter, identity.seccomp_flags, [&](int listener) {
        const auto type = static_cast<std::uint32_t>(MessageType::kSeccompListener);
        return context.channel.send(type, {}, {&listener, 1});
      });
}

}  // namespace

Result<void> enter_working_directory(Context& context) {
  if (context.in_working_directory) return {};
  const std::string& directory = context.plan.working_directory;
  if (::chdir(directory.c_str()) < 0) {
    return fail_errno("change to the working directory {}", directory);
  }
  context.in_working_directory = true;
  // A directory outside the root (an inherited descriptor behind /proc/self/fd) shows as
  // "(unreachable)": CVE-2024-21626.
  std::array<char, PATH_MAX> current;
  if (::getcwd(current.data(), current.size()) == nullptr || current[0] != '/') {
    return fail("the working directory {} lies outside the container's root", directory);
  }
  return {};
}

Result<void> enter_working_directory_as_root(Context& context) {
  auto entered = enter_working_directory(context);
  const bool denied = !entered && entered.error().code == EACCES;
  return denied ? Result<void>() : entered;
}

Result<void> find_program(Context& context) {
  const InitPlan& plan = context.plan;
  if (plan.args.empty()) return Failure(Error{"no program to run", 0, {}, 127});
  TRY(context.program, resolve_in_path(plan.args.front(), path_of(plan.env)));
  const bool will_wait = plan.given.start_fifo >= 0;
  return will_wait ? check_program(context.program) : Result<void>();
}

Result<void> give_up_privileges(Context& context) {
  const IdentityPlan& identity = context.plan.identity;
  TRY_VOID(security::enter_apparmor_profile_on_exec(context.proc, identity.apparmor_profile));
  TRY_VOID(security::enter_selinux_label_on_exec(context.proc, identity.selinux_label));
  // Without no_new_privs a filter needs CAP_SYS_ADMIN, which the capability sets may not hold.
  if (!identity.no_new_privileges) {
    if (identity.uid != 0) TRY_VOID(security::raise_permitted());
    TRY_VOID(install_filter(context));
  }
  if (identity.capabilities) TRY_VOID(security::set_capabilities(*identity.capabilities));
  if (!identity.no_new_privileges) return {};
  TRY_VOID(security::set_no_new_privs());
  // The agent must get its listener while the parent still listens to us.
  return has_listener(identity) ? install_filter(context) : Result<void>();
}

Result<void> close_the_last_door(Context& context) {
  const IdentityPlan& identity = context.plan.identity;
  const bool is_open = identity.no_new_privileges && !has_listener(identity);
  return is_open ? install_filter(context) : Result<void>();
}

}  // namespace mycontainer::runtime::init
