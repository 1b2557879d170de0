// The child's work as one visible, ordered list. A container's safety is this order; steps.cpp says
// why for each place.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "reexec/channel.h"
#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/init/plan.h"
#include "runtime/init/protocol.h"
#include "runtime/io/pty.h"

namespace mycontainer::runtime::init {

// What the steps share. Descriptors live here so that all of them close at the end or at execve.
struct Context {
  const InitPlan& plan;
  reexec::Channel& channel;
  std::vector<UniqueFd> given{};             // came with the plan
  std::vector<UniqueFd> cgroup_entrances{};  // came with kGo: "tasks" files of v1 cgroups
  UniqueFd root_mount{};                 // detached until the root step, then the container's "/"
  std::vector<UniqueFd> prepared{};      // detached mounts, in the order of plan.mounts
  std::vector<UniqueFd> device_binds{};  // in the order of plan.devices; empty where a node is made
  UniqueFd private_procfs{};             // for our own writing (procfs.h); open where it is needed
  int proc = -1, devpts = -1;            // borrowed: private_procfs, and one of `prepared`
  bool attached = false;                 // the mounts are, and with them the root
  bool in_working_directory = false;
  UniqueFd start_fifo{};    // ours until execve: who started us waits for its end
  UniqueFd failure_file{};  // open once the container waited for its start
  std::string home{};       // "HOME=..." where the environment has none
  std::string program{};    // what execve(2) will be given: find_program's result
};

struct Step {
  std::string_view name;
  Result<void> (*run)(Context&);
};

// The list that every container's init runs, and that of a further process (exec) in a container
// that runs.
std::span<const Step> container_steps();
std::span<const Step> exec_steps();

// Tells the failure to whoever waits for it: over the channel, or, of a container that was created
// and started later, through its file.
void report(Context& context, std::string_view step, const Error& error);

// Runs `steps` in order and stops at the first failure, whose step it names. With `times` set,
// every step's times are appended.
struct FailedStep {
  std::string_view step;
  Error error;
};
tl::expected<void, FailedStep> run_steps(std::span<const Step> steps, Context& context,
                                         std::vector<StepTime>* times);

// The given-th descriptor that came with the plan; it can be taken once.
Result<UniqueFd> take_given(Context& context, std::int32_t index);
// The part of prepare_mounts for binds that stay the host's peers or follow them (shared, slave):
// they are cloned before propagation ends.
Result<void> prepare_shared_binds(Context&);
// The part of prepare_mounts for device nodes that are bound because they may not be made.
Result<void> prepare_device_binds(Context&);

// The host's /dev/null behind a standard stream becomes the container's, or a private one when that
// is another file: root in the container could change the mode of the host's (fchmod(2)).
Result<void> replace_null_streams(int root);

// A terminal on context.devpts as the plan wants it; then it becomes the process's own, and its
// master end the parent's.
Result<io::Pty> make_terminal(Context&);
Result<void> take_terminal(Context&, io::Pty pty);

// The steps, one OCI noun per file (step_<noun>.cpp).
Result<void> become_root(Context&);
Result<void> set_up_loopback(Context&);
Result<void> set_host_name(Context&);
Result<void> stop_mount_propagation(Context&);
Result<void> prepare_root(Context&);
Result<void> wait_for_parent(Context&);
Result<void> enter_cgroups(Context&);
Result<void> enter_cgroup_namespace(Context&);
Result<void> prepare_mounts(Context&);
Result<void> run_hooks_before_pivot(Context&);
Result<void> enter_root(Context&);
Result<void> attach_mounts(Context&);
Result<void> make_devices(Context&);
Result<void> open_console(Context&);
Result<void> write_sysctls(Context&);
Result<void> protect_paths(Context&);
Result<void> create_working_directory(Context&);
Result<void> set_root_attributes(Context&);
Result<void> find_home(Context&);
Result<void> set_resource_limits(Context&);
Result<void> apply_scheduling(Context&);
Result<void> join_session_keyring(Context&);
Result<void> drop_bounding_capabilities(Context&);
Result<void> assume_identity(Context&);
// First as root, because images have users who may not enter the directory they start in, and with
// runc that works; then, if root was denied (NFS), as the user.
Result<void> enter_working_directory_as_root(Context&);
Result<void> enter_working_directory(Context&);
Result<void> find_program(Context&);
Result<void> give_up_privileges(Context&);
Result<void> wait_for_start(Context&);
Result<void> run_start_container_hooks(Context&);
Result<void> close_the_last_door(Context&);
// Of exec only.
Result<void> find_container(Context&);
Result<void> open_exec_terminal(Context&);

}  // namespace mycontainer::runtime::init
