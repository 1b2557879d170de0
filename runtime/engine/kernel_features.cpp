#include "runtime/engine/kernel_features.h"

#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdint>
#include <string_view>

#include "reexec/sys/file.h"
#include "reexec/sys/syscalls.h"
#include "reexec/sys/unique_fd.h"

namespace mycontainer::runtime::engine {
namespace {

// A file's first line, or "" when it cannot be read.
std::string first_line(const std::string& path) {
  auto text = sys::read_file_at(AT_FDCWD, path);
  return text ? text->substr(0, text->find('\n')) : std::string();
}

std::string release() {
  utsname name{};
  return ::uname(&name) == 0 ? std::string(name.release) : std::string("unknown");
}

bool is_filesystem(const char* path, decltype(statfs::f_type) magic) {
  struct statfs status {};
  return ::statfs(path, &status) == 0 && status.f_type == magic;
}

std::string cgroup_version() {
  if (is_filesystem("/sys/fs/cgroup", CGROUP2_SUPER_MAGIC)) return "v2";
  if (is_filesystem("/sys/fs/cgroup/unified", CGROUP2_SUPER_MAGIC)) return "hybrid (v1 and v2)";
  if (is_filesystem("/sys/fs/cgroup", TMPFS_MAGIC)) return "v1";
  return "not mounted";
}

// The same call with a pointer to nowhere or a descriptor that is none: any error but ENOSYS and
// EPERM-by-filter comes from the call itself.
bool reaches_the_call(long result) { return result >= 0 || (errno != ENOSYS && errno != EPERM); }

bool has_clone3() { return reaches_the_call(::syscall(SYS_clone3, nullptr, 0)); }

// The kernel looks at the descriptor (EBADF) only when it knows the flag.
bool has_clone_into_cgroup() {
  clone_args args{};
  args.flags = CLONE_INTO_CGROUP;
  args.exit_signal = SIGCHLD;
  args.cgroup = INT_MAX;
  const long result = sys::clone3(&args);
  if (result == 0) ::_exit(0);
  return result < 0 && errno == EBADF;
}

bool has_pidfd() { return UniqueFd(sys::pidfd_open(::getpid(), 0)).valid(); }

bool has_openat2() {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return UniqueFd(sys::openat2(AT_FDCWD, "/", &how)).valid();
}

bool has_close_range() { return sys::close_range(UINT_MAX, UINT_MAX, 0) == 0; }

bool has_mount_setattr() {
  return reaches_the_call(::syscall(SYS_mount_setattr, -1, "", 0, nullptr, 0));
}

// open_tree, move_mount, fsopen and their like came together.
bool has_mount_descriptors() {
  return reaches_the_call(::syscall(SYS_open_tree, -1, "none", OPEN_TREE_CLOEXEC));
}

bool lists_overlay() {
  auto filesystems = sys::read_file_at(AT_FDCWD, "/proc/filesystems");
  return filesystems && filesystems->find("\toverlay\n") != std::string::npos;
}

// fsopen(2) also loads the module; who may not call it reads the list of what is loaded.
bool has_overlay() {
  return UniqueFd(static_cast<int>(::syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC))).valid() ||
         lists_overlay();
}

bool has_seccomp_filter() {
  std::uint32_t action = SECCOMP_RET_KILL_PROCESS;
  return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

// A child that lives in a new user namespace and ends.
std::string user_namespaces() {
  clone_args args{};
  args.flags = CLONE_NEWUSER;
  args.exit_signal = SIGCHLD;
  const long pid = ::syscall(SYS_clone3, &args, sizeof(args));
  if (pid == 0) ::_exit(0);
  if (pid < 0) return fmt::format("no: {}", errno_name(errno));
  while (::waitpid(static_cast<pid_t>(pid), nullptr, 0) < 0 && errno == EINTR) continue;
  return "yes";
}

std::string unprivileged_user_namespaces() {
  const std::string obstacle = unprivileged_userns_obstacle();
  return obstacle.empty() ? "yes" : "no: " + obstacle;
}

std::string apparmor() {
  return first_line("/sys/module/apparmor/parameters/enabled") == "Y" ? "yes" : "no";
}

struct Check {
  std::string_view name;
  bool (*holds)();
};
constexpr std::array kChecks = {
    Check{"overlay", has_overlay},
    Check{"clone3", has_clone3},
    Check{"CLONE_INTO_CGROUP", has_clone_into_cgroup},
    Check{"pidfd", has_pidfd},
    Check{"openat2", has_openat2},
    Check{"close_range", has_close_range},
    Check{"mount descriptors", has_mount_descriptors},
    Check{"mount_setattr", has_mount_setattr},
    Check{"seccomp filters", has_seccomp_filter},
};

}  // namespace

std::string unprivileged_userns_obstacle(const std::string& proc_sys) {
  if (first_line(proc_sys + "/user/max_user_namespaces") == "0") {
    return "user.max_user_namespaces is 0";
  }
  if (first_line(proc_sys + "/kernel/unprivileged_userns_clone") == "0") {
    return "kernel.unprivileged_userns_clone is 0";
  }
  const std::string by_apparmor =
      first_line(proc_sys + "/kernel/apparmor_restrict_unprivileged_userns");
  if (!by_apparmor.empty() && by_apparmor != "0") {
    return fmt::format("kernel.apparmor_restrict_unprivileged_userns is {}", by_apparmor);
  }
  return {};
}

KernelReport inspect_kernel() {
  KernelReport report;
  report.facts.push_back({"Release", release()});
  report.facts.push_back({"cgroup", cgroup_version()});
  for (const Check& check : kChecks) {
    report.facts.push_back({std::string(check.name), check.holds() ? "yes" : "no"});
  }
  report.facts.push_back({"AppArmor", apparmor()});
  report.facts.push_back({"user namespaces", user_namespaces()});
  report.facts.push_back({"  of ordinary users", unprivileged_user_namespaces()});
  return report;
}

Error with_userns_obstacle(Error error) {
  const bool refused = error.code == EPERM || error.code == EACCES || error.code == ENOSPC;
  if (!refused || !error.hint.empty()) return error;
  const std::string obstacle = unprivileged_userns_obstacle();
  if (obstacle.empty()) return error;
  error.hint = "an ordinary user's container needs a user namespace, and " + obstacle;
  return error;
}

}  // namespace mycontainer::runtime::engine
