#include "reexec/sys/log.h"
#include "runtime/engine/restart_policy.h"
#include "runtime/ids/remove_foreign_tree.h"
#include "runtime/monitor/monitor.h"
#include "runtime/state/event_log.h"
#include "runtime/state/volumes.h"

namespace mycontainer::runtime::monitor {

// The first process has ended. In this order: all output is in the log, the record says how it
// ended, waiters are told, and only then is anything cleaned up.
void Monitor::end_run() {
  if (health_) health_->stop();
  const auto status = process_->wait();
  drain();
  process_.reset();
  record_end(status ? status->shell_code() : 125);
  if (restart_at_ == 0) return finish();
  live_->end_run(record_.state.exit_code);
  clean_up_run();
}

// What others wrote into the record meanwhile (stopped by the user, another restart policy) counts.
void Monitor::record_end(int exit_code) {
  const state::State ran = record_.state;
  const bool oom_killed = instance_->cgroup().oom_kills() > 0;
  const auto fill = [&](state::Record& record) {
    state::State& state = record.state;
    state.pid = 0;
    state.exit_code = exit_code;
    state.oom_killed = oom_killed;
    state.finished = state::now();
    state.health = ran.health;
    const bool restarts = !ending_ && engine::restarts_after(record.restart, state);
    state.status = restarts ? state::Status::kRestarting : state::Status::kExited;
  };
  auto changed = container_->change(fill);
  if (!changed) {
    // The disk is full, or somebody removed the container under us. The live directory stays, and
    // tells the exit code until there is room (state::orphaned_state).
    log_warn("record the end of {}: {}", record_.id, changed.error().message());
    unrecorded_ = true;
    fill(record_);
    record_.state.status = state::Status::kExited;
  } else {
    record_ = std::move(*changed);
  }
  if (oom_killed) state::append_event(roots_, state::container_event(record_, "oom"));
  const std::string code = std::to_string(exit_code);
  state::append_event(roots_, state::container_event(record_, "die", {{"exitCode", code}}));
  if (record_.state.status != state::Status::kRestarting) return;
  restart_delay_ =
      engine::restart_delay(restart_delay_, record_.state.finished - record_.state.started);
  restart_at_ = HealthMonitor::clock() + restart_delay_;
}

void Monitor::clean_up_run() {
  if (instance_) {
    const auto cleaned = instance_->clean_up(false);
    if (!cleaned) log_warn("clean up {}: {}", record_.id, cleaned.error().message());
  }
  instance_.reset();
  streams_.reset();
}

void Monitor::restart() {
  restart_at_ = 0;
  if (!container_->lock()) return finish();
  auto record = container_->read();
  if (!record || record->state.stopped_by_user) {
    container_->unlock();
    return finish();
  }
  record_ = std::move(*record);
  ++record_.state.restart_count;
  auto started = start_run(-1);
  if (started) started = record_start();
  if (started) return container_->unlock();
  record_.state.exit_code = started.error().exit_status != 0 ? started.error().exit_status : 125;
  record_.state.error = started.error().message();
  process_.reset();
  container_->unlock();
  finish();
}

// For good: nothing runs any more.
void Monitor::finish() {
  restart_at_ = 0;
  finished_ = true;
  if (record_.state.status != state::Status::kExited) {
    const state::State ended = record_.state;
    auto changed = container_->change([&](state::Record& record) {
      record.state.status = state::Status::kExited;
      record.state.exit_code = ended.exit_code;
      record.state.error = ended.error;
    });
    if (changed) {
      record_ = std::move(*changed);
    } else {
      unrecorded_ = true;
    }
  }
  const int exit_code = record_.state.exit_code;
  if (record_.auto_remove) {
    clean_up_run();
    remove_container();
    live_->end_run(exit_code);
    leave_live_directory();
    return server_->ended(exit_code);
  }
  live_->end_run(exit_code);
  server_->ended(exit_code);
  clean_up_run();
  leave_live_directory();
}

void Monitor::remove_container() {
  auto removed = container_->lock();
  if (removed) removed = container_->remove(ids::remove_foreign_tree);
  if (removed) {
    state::append_event(roots_, state::container_event(record_, "destroy"));
    return state::remove_anonymous_volumes(roots_, record_, ids::remove_foreign_tree);
  }
  log_warn("remove {}: {}", record_.id, removed.error().message());
}

void Monitor::leave_live_directory() {
  if (unrecorded_) return live_->leave();
  const auto removed = live_->remove();
  if (!removed) log_warn("remove the state of {}: {}", record_.id, removed.error().message());
}

}  // namespace mycontainer::runtime::monitor
