#include "runtime/init/steps.h"

#include <array>
#include <ctime>

namespace mycontainer::runtime::init {

namespace {

// Every line stands where it does for a reason:
//  - propagation ends before anything is mounted, or the host would see our mounts;
//  - mounts are prepared (detached, sources resolved) while the host's tree is still visible, and
//  attached only when it is
//    gone: no path below a hostile root can lead anywhere else (CVE-2021-30465, CVE-2025-31133);
//  - the cgroup namespace is entered after the parent has put us into every cgroup, and before
//  /sys/fs/cgroup is prepared;
//  - sysctls are written through our own procfs, before /proc/sys becomes read-only;
//  - hooks that must see the mounts before the pivot get them attached that early, by descriptor as
//  always; without such hooks nothing is attached while the host's tree is there;
//  - the scheduling policy is set while CAP_SYS_NICE is still there;
//  - the bounding set shrinks while CAP_SETPCAP is still there; identity changes next; what is left
//  of the capabilities goes after that: a container that waits for its start holds no more than its
//  program will;
//  - a program that cannot be found fails the creation, not the start;
//  - seccomp comes last where no_new_privs lets it, so that no step needs a call it forbids; with
//  SCMP_ACT_NOTIFY it comes with the capabilities, while the parent can still take the listener.
constexpr std::array kSteps = {
    Step{"user namespace", become_root},
    Step{"loopback", set_up_loopback},
    Step{"hostname", set_host_name},
    Step{"propagation", stop_mount_propagation},
    Step{"prepare root", prepare_root},
    Step{"wait for parent", wait_for_parent},
    Step{"cgroups", enter_cgroups},
    Step{"cgroup namespace", enter_cgroup_namespace},
    Step{"prepare mounts", prepare_mounts},
    Step{"hooks before the pivot", run_hooks_before_pivot},
    Step{"enter root", enter_root},
    Step{"mounts", attach_mounts},
    Step{"devices", make_devices},
    Step{"console", open_console},
    Step{"sysctl", write_sysctls},
    Step{"protected paths", protect_paths},
    Step{"create working directory", create_working_directory},
    Step{"root attributes", set_root_attributes},
    Step{"home", find_home},
    Step{"resource limits", set_resource_limits},
    Step{"scheduling", apply_scheduling},
    Step{"session keyring", join_session_keyring},
    Step{"bounding capabilities", drop_bounding_capabilities},
    Step{"working directory", enter_working_directory_as_root},
    Step{"identity", assume_identity},
    Step{"working directory as the user", enter_working_directory},
    Step{"find program", find_program},
    Step{"capabilities", give_up_privileges},
    Step{"wait for start", wait_for_start},
    Step{"startContainer hooks", run_start_container_hooks},
    Step{"seccomp", close_the_last_door},
};

// The container stands already: what is left is to become one of its processes.
constexpr std::array kExecSteps = {
    Step{"wait for parent", wait_for_parent},
    Step{"cgroups", enter_cgroups},
    Step{"container", find_container},
    Step{"terminal", open_exec_terminal},
    Step{"home", find_home},
    Step{"resource limits", set_resource_limits},
    Step{"scheduling", apply_scheduling},
    Step{"session keyring", join_session_keyring},
    Step{"bounding capabilities", drop_bounding_capabilities},
    Step{"working directory", enter_working_directory_as_root},
    Step{"identity", assume_identity},
    Step{"working directory as the user", enter_working_directory},
    Step{"find program", find_program},
    Step{"capabilities", give_up_privileges},
    Step{"seccomp", close_the_last_door},
};

}  // namespace

std::int64_t now_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

std::span<const Step> container_steps() { return kSteps; }
std::span<const Step> exec_steps() { return kExecSteps; }

tl::expected<void, FailedStep> run_steps(std::span<const Step> steps, Context& context,
                                         std::vector<StepTime>* times) {
  for (const Step& step : steps) {
    const std::int64_t begin = times != nullptr ? now_microseconds() : 0;
    if (auto done = step.run(context); !done) {
      return tl::unexpected(FailedStep{step.name, std::move(done).error()});
    }
    if (times != nullptr) {
      times->push_back({std::string(step.name), begin, now_microseconds()});
    }
  }
  return {};
}

}  // namespace mycontainer::runtime::init
