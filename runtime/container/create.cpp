#include "runtime/container/create.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "reexec/wire.h"
#include "runtime/container/control.h"
#include "runtime/container/creation.h"
#include "runtime/container/foreground.h"
#include "runtime/container/status.h"
#include "runtime/hooks/hooks.h"
#include "runtime/init/protocol.h"

namespace mycontainer::runtime::container {

namespace {

Result<void> check_console(const oci::Spec& spec, const CreateRequest& request, bool detach) {
  const bool socket = !request.console_socket.empty();
  const bool terminal = spec.process->terminal;
  if (detach && terminal && !socket) {
    return fail("a terminal that nobody shows needs --console-socket (process.terminal is true)");
  }
  if (socket && !terminal) {
    return fail("--console-socket: the configuration asks for no terminal (process.terminal)");
  }
  return {};
}

Failure not_startable(Status status) {
  if (status == Status::kRunning || status == Status::kPaused) {
    return fail("cannot start an already running container");
  }
  if (status == Status::kCreating) return fail("cannot start a container that is being created");
  return fail("cannot start a container that has stopped");
}

// Empty when the program runs. The child writes a failure before it lets go of the fifo.
Result<void> failure_of_start(const StateDirectory& directory) {
  constexpr std::size_t kMost = 64u << 10;
  TRY(const std::string text, sys::read_file_at(directory.fd(), kFailureFile, kMost));
  if (text.empty()) return {};
  TRY(init::StepFailure failure, reexec::decode<init::StepFailure>(text));
  return Failure(Error{std::move(failure.operation), failure.code, std::move(failure.hint),
                       failure.exit_status});
}

Result<void> open_start_fifo(const StateDirectory& directory) {
  const UniqueFd fifo(
      ::openat(directory.fd(), kStartFifo, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  // Nobody reads: the process has ended since.
  if (!fifo && errno == ENXIO) return not_startable(Status::kStopped);
  if (!fifo) return fail_errno("open {}/{}", directory.path(), kStartFifo);
  TRY_VOID(sys::write_all(fifo.get(), "1"));
  if (::unlinkat(directory.fd(), kStartFifo, 0) < 0) return fail_errno("unlink {}", kStartFifo);
  // The error condition is that of a pipe without a reader: executed, or ended.
  pollfd waiting{fifo.get(), 0, 0};
  while (::poll(&waiting, 1, -1) < 0) {
    if (errno != EINTR) return fail_errno("wait for the container to start");
  }
  return {};
}

void run_poststart_hooks(const StateDirectory& directory, const Record& record) {
  const auto spec = directory.read_spec();
  if (!spec || spec->hooks.poststart.empty()) return;
  hooks::run_all_hooks("poststart", spec->hooks.poststart,
                       oci::to_json(state_of(record, Status::kRunning)));
}

}  // namespace

Result<void> create(const CreateRequest& request, const Settings& settings) {
  TRY(Creation creation, Creation::prepare(request, settings));
  TRY_VOID(check_console(creation.spec(), request, true));
  TRY_VOID(creation.give_birth({0, 1, 2}, true));
  TRY_VOID(creation.complete());
  TRY_VOID(creation.finish());
  (void)creation.process().release();
  return {};
}

Result<void> start(const std::string& id, const Settings& settings) {
  TRY(StateDirectory directory, StateDirectory::open(settings.root, id));
  TRY_VOID(directory.lock());
  TRY(const Record record, directory.read_record());
  TRY(const Status status, status_of(directory, record));
  if (status != Status::kCreated) return not_startable(status);
  TRY_VOID(open_start_fifo(directory));
  TRY_VOID(failure_of_start(directory));
  run_poststart_hooks(directory, record);
  return {};
}

namespace {

Result<int> run_detached(Creation creation) {
  TRY_VOID(creation.give_birth({0, 1, 2}, false));
  TRY_VOID(creation.complete());
  TRY_VOID(creation.finish());
  hooks::run_all_hooks("poststart", creation.spec().hooks.poststart,
                       creation.state_json("running"));
  (void)creation.process().release();
  return 0;
}

Result<int> run_attached(Creation creation) {
  const bool shown = creation.spec().process->terminal && creation.console_socket().empty();
  TRY(Foreground foreground, Foreground::prepare(shown));
  TRY_VOID(creation.give_birth(foreground.child_streams(), false));
  TRY_VOID(creation.complete());
  if (UniqueFd console = creation.take_console()) {
    TRY_VOID(foreground.adopt_console(std::move(console)));
  }
  TRY_VOID(creation.finish());
  hooks::run_all_hooks("poststart", creation.spec().hooks.poststart,
                       creation.state_json("running"));
  return foreground.wait(creation.process());
}

}  // namespace

Result<int> run(const RunRequest& request, const Settings& settings) {
  TRY(Creation creation, Creation::prepare(request.create, settings));
  TRY_VOID(check_console(creation.spec(), request.create, request.detach));
  if (request.detach) return run_detached(std::move(creation));
  auto code = run_attached(std::move(creation));
  if (!request.keep) {
    auto removed = remove(request.create.id, true, settings);
    // Whoever was quicker has done what we wanted.
    if (code && !removed && removed.error().code != ENOENT) return Failure(removed.error());
  }
  return code;
}

}  // namespace mycontainer::runtime::container
