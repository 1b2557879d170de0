// The steps at which a configuration's hooks run (config.md, "POSIX-platform Hooks"), and the wait
// for the start of a container that was only created.
#include <unistd.h>

#include "reexec/sys/file.h"
#include "rootfs/mount/root.h"
#include "runtime/hooks/hooks.h"
#include "runtime/init/steps.h"

namespace mycontainer::runtime::init {

namespace {

std::vector<oci::Hook> hooks_of(const std::vector<PlannedHook>& planned) {
  std::vector<oci::Hook> hooks;
  hooks.reserve(planned.size());
  for (const PlannedHook& hook : planned) {
    hooks.push_back({hook.path, hook.args, hook.env, hook.timeout});
  }
  return hooks;
}

}  // namespace

Result<void> run_hooks_before_pivot(Context& context) {
  const HooksPlan& hooks = context.plan.hooks;
  if (!hooks.before_pivot()) return {};
  TRY_VOID(rootfs::mount::attach_root_at(context.root_mount.get(), context.plan.root.directory));
  TRY_VOID(attach_mounts(context));
  TRY_VOID(make_devices(context));
  context.attached = true;
  if (hooks.parent_has_some) {
    TRY_VOID(context.channel.send(static_cast<std::uint32_t>(MessageType::kHooks), {}));
    TRY_VOID(wait_for_parent(context));
  }
  return hooks::run_hooks("createContainer", hooks_of(hooks.create_container),
                          hooks.creating_state);
}

namespace {

// False at the end of the file.
Result<bool> wait_for_byte(int fd) {
  char byte = 0;
  ssize_t got = -1;
  do {
    got = ::read(fd, &byte, 1);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return fail_errno("wait for the start");
  return got > 0;
}

}  // namespace

Result<void> wait_for_start(Context& context) {
  const GivenPlan& given = context.plan.given;
  if (given.start_fifo < 0) return {};
  TRY(context.start_fifo, take_given(context, given.start_fifo));
  TRY(UniqueFd failure_file, take_given(context, given.start_failure));
  TRY_VOID(context.channel.send(static_cast<std::uint32_t>(MessageType::kReady), {}));
  // Until it is published nobody but the creator knows of the container: it ends with him. A filter
  // may be in force that knows no recvmsg(2), and what the message says is nothing new.
  TRY(const bool published, wait_for_byte(context.channel.fd()));
  if (!published) return fail("the parent process ended before the container was published");
  context.channel.close();
  context.failure_file = std::move(failure_file);
  TRY_VOID(wait_for_byte(context.start_fifo.get()));
  return {};
}

Result<void> run_start_container_hooks(Context& context) {
  const HooksPlan& hooks = context.plan.hooks;
  return hooks::run_hooks("startContainer", hooks_of(hooks.start_container), hooks.created_state);
}

}  // namespace mycontainer::runtime::init
