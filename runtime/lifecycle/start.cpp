#include "runtime/lifecycle/start.h"

#include <fcntl.h>
#include <sys/socket.h>

#include "reexec/command.h"
#include "reexec/wire.h"
#include "runtime/container/control.h"
#include "runtime/engine/monitor_protocol.h"
#include "runtime/engine/remove_foreign_tree.h"
#include "runtime/engine/restart_policy.h"
#include "runtime/io/terminal.h"
#include "runtime/state/live.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::lifecycle {

namespace {

using engine::MonitorMessage;

Result<void> await_answer(const reexec::Channel& channel, reexec::Process& monitor) {
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

// `client`: a socket's end for the monitor, or -1.
Result<void> start_monitor(const state::Roots& roots, const std::string& id, int client) {
  engine::StartOrder order{id, roots.data, roots.state};
  if (const auto size = io::current_size(); size && client >= 0) {
    order.rows = size->ws_row;
    order.columns = size->ws_col;
  }
  auto command = reexec::Command::entry(std::string(engine::kMonitorEntry), {id});
  command.in(reexec::Stdio::null()).out(reexec::Stdio::null()).err(reexec::Stdio::null());
  command.cwd("/");
  command.attributes().new_session = true;
  TRY(reexec::Process monitor, command.start());
  const reexec::Channel channel = command.take_channel();
  const int fds[] = {client};
  const std::span<const int> given(fds, client >= 0 ? 1 : 0);
  TRY_VOID(channel.send(static_cast<std::uint32_t>(MonitorMessage::kStart), reexec::encode(order),
                        given));
  auto started = await_answer(channel, monitor);
  if (!started && started.error().code == EALREADY && client < 0) return {};
  return started;
}

}  // namespace

Result<void> start(const state::Roots& roots, const std::string& id) {
  return start_monitor(roots, id, -1);
}

void pass_signal(const state::Roots& roots, const std::string& id, int signal) {
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
  TRY_VOID(start_monitor(roots, id, theirs.get()));
  theirs.reset();
  client.signal = [&](int signal) { pass_signal(roots, id, signal); };
  return attach::run(std::move(ours), client, std::move(signals));
}

Result<BootReport> start_after_boot(const state::Roots& roots) {
  state::collect_stale(roots, engine::remove_foreign_tree);
  state::collect_records(roots, engine::remove_foreign_tree);
  TRY(const auto all, state::list(roots));
  BootReport report;
  for (const state::Listed& item : all) {
    const state::Record& record = item.record;
    const bool wanted = item.broken.empty() && !state::is_supervised(roots, record.id) &&
                        engine::starts_at_boot(record.restart, record.state);
    if (!wanted) continue;
    auto started = start(roots, record.id);
    if (started) {
      report.started.push_back(record.id);
    } else {
      report.failed.push_back(within(record.name, std::move(started).error()).value());
    }
  }
  return report;
}

}  // namespace mycontainer::runtime::lifecycle
