#include "runtime/lifecycle/start.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <cstring>

#include "reexec/command.h"
#include "reexec/wire.h"
#include "runtime/container/control.h"
#include "runtime/engine/monitor_protocol.h"
#include "runtime/engine/restart_policy.h"
#include "runtime/ids/remove_foreign_tree.h"
#include "runtime/images/restore_layers.h"
#include "runtime/io/terminal.h"
#include "runtime/lifecycle/kill.h"
#include "runtime/state/live.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::lifecycle {

namespace {

using engine::MonitorMessage;

// The user gives the start up: the monitor sees the channel close, and removes what it has made.
Failure give_up(reexec::Channel& channel, reexec::Process& monitor, int signal) {
  constexpr std::chrono::seconds kPatience{5};
  channel.close();
  (void)monitor.wait_for(kPatience);
  return Failure(
      Error{std::string("interrupted by SIG") + ::sigabbrev_np(signal), 0, {}, 128 + signal});
}

// With `signals` (they are blocked then), one that asks for our end ends the waiting.
Result<std::optional<int>> await_message(const reexec::Channel& channel,
                                         const io::SignalQueue* signals) {
  while (signals != nullptr) {
    pollfd waiting[] = {{channel.fd(), POLLIN, 0}, {signals->fd(), POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0 && errno != EINTR) return fail_errno("wait for the start");
    if (waiting[0].revents != 0) break;
    while (const auto signal = signals->next()) {
      if (io::wants_end(*signal)) return std::optional(*signal);
    }
  }
  return std::optional<int>();
}

Result<void> await_answer(reexec::Channel& channel, reexec::Process& monitor,
                          const io::SignalQueue* signals) {
  TRY(const auto interrupted, await_message(channel, signals));
  if (interrupted) return give_up(channel, monitor, *interrupted);
  TRY(const auto answer, channel.receive());
  if (!answer) {
    TRY(const auto status, monitor.wait());
    return fail("the container's monitor {}", status.describe());
  }
  if (answer->type == static_cast<std::uint32_t>(MonitorMessage::kStarted)) {
    (void)monitor.release();
    return {};
  }
  (void)monitor.wait();
  TRY(Error error, reexec::decode<Error>(answer->bytes));
  return Failure(std::move(error));
}

// Who is attached: a socket's end for the monitor, and the signals that are kept back.
struct Client {
  int socket = -1;
  const io::SignalQueue* signals = nullptr;
};

engine::StartOrder order_for(const state::Roots& roots, const std::string& id,
                             const Client& client) {
  engine::StartOrder order{id, roots.data, roots.state};
  if (const auto size = io::current_size(); size && client.socket >= 0) {
    order.rows = size->ws_row;
    order.columns = size->ws_col;
  }
  return order;
}

Result<void> start_monitor(const state::Roots& roots, const std::string& id, const Client& client) {
  auto command = reexec::Command::entry(std::string(engine::kMonitorEntry), {id});
  command.in(reexec::Stdio::null()).out(reexec::Stdio::null()).err(reexec::Stdio::null());
  command.cwd("/");
  command.attributes().new_session = true;
  TRY(reexec::Process monitor, command.start());
  reexec::Channel channel = command.take_channel();
  const int fds[] = {client.socket};
  const std::span<const int> given(fds, client.socket >= 0 ? 1 : 0);
  TRY_VOID(channel.send(static_cast<std::uint32_t>(MonitorMessage::kStart),
                        reexec::encode(order_for(roots, id, client)), given));
  return await_answer(channel, monitor, client.signals);
}

Result<void> refuse_if_paused(const state::Roots& roots, const std::string& id) {
  const auto found = container::inspect(id, {.root = state::containers_in(roots.state)});
  const bool paused = found && found->status == container::Status::kPaused;
  if (paused) return fail("cannot start a paused container, try unpause instead");
  return {};
}

}  // namespace

Result<void> start(const state::Roots& roots, const std::string& id) {
  auto started = start_monitor(roots, id, {});
  if (!started && started.error().code == EALREADY) return refuse_if_paused(roots, id);
  return started;
}

Result<void> restore_layers(const state::Roots& roots, const std::string& id) {
  TRY(const auto container, state::Container::open(roots, id));
  const auto record = container.read();
  // What is wrong with it is told by the start.
  return record ? images::restore_layers(roots, record->image_id) : Result<void>();
}

Result<void> start_again(const state::Roots& roots, const std::string& id) {
  TRY_VOID(restore_layers(roots, id));
  return start(roots, id);
}

void pass_signal(const state::Roots& roots, const std::string& id, int signal) {
  if (io::wants_end(signal) || signal == SIGKILL) {
    (void)kill(roots, id, signal);
    return;
  }
  container::Settings settings;
  settings.root = state::containers_in(roots.state);
  (void)container::kill(id, signal, false, settings);
}

Result<attach::ClientEnd> start_attached(const state::Roots& roots, const std::string& id,
                                         attach::ClientRequest client) {
  TRY_VOID(attach::check_streams(client));
  TRY(auto signals, io::SignalQueue::open());
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
    return fail_errno("make a pair of sockets");
  }
  UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  attach::say_hello(ours.get(), client);
  auto started = start_monitor(roots, id, {theirs.get(), &signals});
  theirs.reset();
  if (!started && started.error().code == EALREADY) {
    TRY_VOID(refuse_if_paused(roots, id));
    auto socket = attach::connect(state::container_directory(roots.state, id));
    if (!socket) return Failure(std::move(started).error());
    attach::say_hello(socket->get(), client);
    ours = std::move(*socket);
  } else if (!started) {
    return Failure(std::move(started).error());
  }
  client.signal = [&](int signal) { pass_signal(roots, id, signal); };
  return attach::run(std::move(ours), client, std::move(signals));
}

Result<BootReport> start_after_boot(const state::Roots& roots) {
  state::collect_stale(roots, ids::remove_foreign_tree);
  state::collect_records(roots, ids::remove_foreign_tree);
  TRY(const auto all, state::list(roots));
  BootReport report;
  for (const state::Listed& item : all) {
    const state::Record& record = item.record;
    const bool wanted = item.broken.empty() && !state::is_supervised(roots, record.id) &&
                        engine::starts_at_boot(record.restart, record.state);
    if (!wanted) continue;
    auto started = start_again(roots, record.id);
    if (started) {
      report.started.push_back(record.id);
    } else {
      report.failed.push_back(within(record.name, std::move(started).error()).value());
    }
  }
  return report;
}

}  // namespace mycontainer::runtime::lifecycle
