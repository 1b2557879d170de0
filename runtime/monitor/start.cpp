#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/engine/fill_volumes.h"
#include "runtime/engine/kernel_features.h"
#include "runtime/engine/shared_network.h"
#include "runtime/ids/remove_foreign_tree.h"
#include "runtime/monitor/monitor.h"
#include "runtime/state/event_log.h"
#include "runtime/state/volumes.h"

namespace mycontainer::runtime::monitor {

namespace {

constexpr int kPatience = 10'000;  // milliseconds for the last run's monitor to clean up
constexpr int kNotStarted = 125;

}  // namespace

Result<void> Monitor::start(const std::string& id, UniqueFd client, int starter) {
  // What the container sees (its root, /etc/hosts) must not depend on the caller's umask.
  ::umask(0022);
  TRY_VOID(open_signals());
  TRY_VOID(open_container(id));
  auto started = open_ends(std::move(client));
  if (started) started = start_run(starter);
  if (started) {
    record_.state.restart_count = 0;
    started = record_start();
  }
  if (started) {
    container_->unlock();
    return {};
  }
  Error error = std::move(started).error();
  if (record_.rootless) error = engine::with_userns_obstacle(std::move(error));
  abandon_start(error);
  return Failure(std::move(error));
}

Result<void> Monitor::open_container(const std::string& id) {
  auto collected = state::collect_if_stale(roots_, id, ids::remove_foreign_tree);
  if (!collected) return Failure(std::move(collected).error());
  TRY(auto container, state::Container::open(roots_, id));
  container_.emplace(std::move(container));
  return lock_after_predecessor();
}

// The run before has ended, but its monitor may not have removed everything yet; for that it may
// need the lock.
Result<void> Monitor::lock_after_predecessor() {
  constexpr int kMicrosecondsBetween = 1000;
  for (int waited = 0; waited < kPatience; ++waited) {
    TRY_VOID(container_->lock());
    TRY(record_, container_->read());
    if (!state::is_supervised(roots_, record_.id)) return {};
    const bool runs = record_.state.status == state::Status::kRunning ||
                      record_.state.status == state::Status::kRestarting;
    if (runs) return fail_code(EALREADY, "the container is running");
    container_->unlock();
    ::usleep(kMicrosecondsBetween);
  }
  return fail("the container's last run is still being cleaned up");
}

Result<void> Monitor::open_ends(UniqueFd client) {
  TRY(auto live, state::LiveDirectory::create(roots_, record_.id, ids::remove_foreign_tree));
  live_.emplace(std::move(live));
  TRY(auto log, log::Writer::open(container_->fd(), record_.log));
  log_.emplace(std::move(log));
  TRY(auto server, attach::Server::listen(live_->fd(), record_.terminal, callbacks()));
  server_.emplace(std::move(server));
  if (client) server_->adopt(std::move(client));
  if (!record_.health_check.test.empty()) health_.emplace(roots_, record_);
  return {};
}

Result<void> Monitor::start_run(int starter) {
  TRY(spec_, container_->read_spec());
  // Who made the container may have been killed while it did this.
  if (!record_.volumes.empty()) TRY_VOID(engine::fill_volumes(spec_, record_, roots_));
  if (rows_ != 0 && record_.terminal)
    spec_.process->console_size = oci::ConsoleSize{rows_, columns_};
  TRY(auto streams, Streams::make(record_.terminal, record_.interactive));
  streams_.emplace(std::move(streams));
  TRY(const engine::SharedNetwork shared, engine::join_network(record_, roots_, spec_));
  TRY(auto instance, engine::Instance::prepare({roots_, record_, spec_, *live_}));
  instance_.emplace(std::move(instance));
  engine::Trace trace = engine::Trace::none();
  TRY(auto launch, instance_->give_birth(streams_->child_streams(), trace,
                                         [this] { streams_->close_child_streams(); }));
  TRY_VOID(await_start(launch, starter));
  process_.emplace(std::move(launch.process()));
  instance_->note_started();
  spec_ = oci::Spec();
  return {};
}

Result<void> Monitor::await_start(launch::Launch& launch, int starter) {
  launch::Started started;
  while (true) {
    pollfd waiting[] = {
        {launch.channel_fd(), POLLIN, 0}, {signals_.get(), POLLIN, 0}, {starter, 0, 0}};
    if (::poll(waiting, 3, -1) < 0 && errno != EINTR) return fail_errno("wait for the start");
    if (waiting[1].revents != 0 || waiting[2].revents != 0) {
      return fail("interrupted while it was starting");
    }
    if (waiting[0].revents == 0) continue;
    TRY(const bool more, launch.take_message(started));
    if (started.console) TRY_VOID(streams_->adopt_console(std::move(started.console)));
    if (!more) return {};
  }
}

// The caller holds the container's lock.
Result<void> Monitor::record_start() {
  state::State& state = record_.state;
  const int restarts = state.restart_count;
  state = state::State{};
  state.status = state::Status::kRunning;
  TRY(state.boot, state::boot_id());
  state.pid = process_->pid();
  state.started = state::now();
  state.restart_count = restarts;
  if (health_) health_->begin(HealthMonitor::clock());
  if (health_) state.health = health_->health();
  TRY_VOID(container_->write(record_));
  state::append_event(roots_, state::container_event(record_, "start"));
  return {};
}

// As under Docker the container stays as it was, with the reason why it did not start; one with --rm
// goes. The caller holds the container's lock.
void Monitor::abandon_start(const Error& error) {
  process_.reset();
  const int code = error.exit_status != 0 ? error.exit_status : kNotStarted;
  if (live_) live_->end_run(code);
  if (instance_) (void)instance_->clean_up(true);
  if (error.code != EALREADY && container_ && !record_.id.empty()) {
    record_.state.exit_code = code;
    record_.state.error = error.message();
    if (record_.auto_remove && (live_ || !state::is_supervised(roots_, record_.id))) {
      (void)container_->remove(ids::remove_foreign_tree);
      state::remove_anonymous_volumes(roots_, record_, ids::remove_foreign_tree);
    } else {
      if (record_.state.status != state::Status::kCreated) {
        record_.state.status = state::Status::kExited;
        record_.state.finished = state::now();
      }
      (void)container_->write(record_);
    }
  }
  if (live_) (void)live_->remove();
  if (container_) container_->unlock();
}

}  // namespace mycontainer::runtime::monitor
