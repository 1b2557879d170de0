#include "runtime/lifecycle/exec.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "runtime/container/entrance.h"
#include "runtime/engine/names.h"
#include "runtime/io/session.h"
#include "runtime/lifecycle/background.h"
#include "runtime/lifecycle/running.h"
#include "runtime/state/event_log.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::lifecycle {

namespace {

// What becomes known of one exec, for those who read events.
class Events {
 public:
  static Result<Events> begin(const ExecRequest& request, const state::Roots& roots) {
    TRY(const std::string exec_id, engine::random_id());
    state::Record record;
    record.id = request.id;
    const auto stored = state::Container::open(roots, request.id);
    if (auto read = stored ? stored->read() : Result<state::Record>(Failure(Error{}))) {
      record = std::move(*read);
    }
    std::string command;
    for (const std::string& word : request.process.args) command += " " + word;
    return Events(roots, std::move(record), exec_id, std::move(command));
  }

  void created() const { append("exec_create:" + command_); }
  void started() const { append("exec_start:" + command_); }
  void ended(int exit_code) const { append("exec_die", std::to_string(exit_code)); }

 private:
  Events(state::Roots roots, state::Record record, std::string exec_id, std::string command)
      : roots_(std::move(roots)),
        record_(std::move(record)),
        exec_id_(std::move(exec_id)),
        command_(std::move(command)) {}

  void append(std::string action, const std::string& exit_code = {}) const {
    std::map<std::string, std::string> attributes{{"execID", exec_id_}};
    if (!exit_code.empty()) attributes["exitCode"] = exit_code;
    state::append_event(roots_,
                        state::container_event(record_, std::move(action), std::move(attributes)));
  }

  state::Roots roots_;
  state::Record record_;
  std::string exec_id_, command_;
};

// A process that was left lives on, and so must its terminal, which nobody looks at any more.
Result<void> keep_terminal(const io::Session::Terminal& terminal, int pidfd) {
  while (true) {
    std::array<pollfd, 2> waiting{{{terminal.master.get(), POLLIN, 0}, {pidfd, POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) {
      return fail_errno("wait for the process");
    }
    if (waiting[1].revents != 0) return {};
    std::array<char, 4096> dropped;
    if (waiting[0].revents != 0) (void)!::read(waiting[0].fd, dropped.data(), dropped.size());
  }
}

Result<int> leave(io::Session& session, reexec::Process& process) {
  const auto terminal = session.leave();
  const UniqueFd pidfd = process.release();
  TRY_VOID(in_background([&](const Started& started) {
    started();
    return keep_terminal(terminal, pidfd.get());
  }));
  return 0;
}

Result<launch::Launch> start(const ExecRequest& request, const state::Roots& roots,
                             container::Entrance& entrance, io::Session& session) {
  TRY(auto newcomer, newcomer_for(request.process, entrance, roots));
  newcomer.streams = session.child_streams();
  TRY(auto launch, entrance.give_birth(std::move(newcomer)));
  session.close_child_streams();
  launch::Started started;
  TRY_VOID(session.await_start(
      launch.process().pidfd(),
      {launch.channel_fd(), [&] { return entrance.take_message(launch, started); }}));
  if (started.console) TRY_VOID(session.adopt_console(std::move(started.console)));
  return launch;
}

// The container may have ended under the process's hands: that is the reason then, not the step which
// noticed it. ESRCH: its first process is about to.
Failure why_not(const ExecRequest& request, const state::Roots& roots,
                const container::Entrance& entrance, Error error) {
  pollfd first{entrance.pidfd(), POLLIN, 0};
  if (error.code == ESRCH || ::poll(&first, 1, 0) != 0) return not_running(roots, request.id);
  return not_started(std::move(error));
}

// What was lost on our side of a pipe must not look like success.
Result<int> exit_code_of(const reexec::Status& status, const io::Session& session) {
  const auto lost = session.stream_error();
  if (!lost || status.shell_code() != 0) return status.shell_code();
  Error error = *lost;
  error.exit_status = 125;
  return Failure(std::move(error));
}

Result<int> exec_and_wait(const ExecRequest& request, const state::Roots& roots,
                          const Started& told) {
  TRY(auto entrance, enter(roots, request.id));
  TRY(auto session, io::Session::prepare({request.interactive && !request.detach,
                                          request.process.terminal, request.detach_keys}));
  TRY(const Events events, Events::begin(request, roots));
  events.created();
  auto launch = start(request, roots, entrance, session);
  if (!launch) return why_not(request, roots, entrance, std::move(launch).error());
  events.started();
  told();
  TRY_VOID(session.relay(launch->process().pidfd()));
  if (session.detached()) return leave(session, launch->process());
  TRY(const reexec::Status status, session.run(launch->process()));
  events.ended(status.shell_code());
  return exit_code_of(status, session);
}

}  // namespace

Result<int> exec(const ExecRequest& request, const state::Roots& roots) {
  if (!request.detach) return exec_and_wait(request, roots, [] {});
  TRY_VOID(in_background([&](const Started& started) -> Result<void> {
    TRY(const int ignored, exec_and_wait(request, roots, started));
    (void)ignored;
    return {};
  }));
  return 0;
}

}  // namespace mycontainer::runtime::lifecycle
