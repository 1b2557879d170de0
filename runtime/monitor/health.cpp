#include "runtime/monitor/health.h"

#include <poll.h>

#include <csignal>
#include <ctime>
#include <utility>

#include "reexec/command.h"
#include "reexec/wire.h"
#include "runtime/monitor/health_rules.h"

namespace mycontainer::runtime::monitor {

namespace {

// The probe kills its command in time by itself; who is still there after that has lost its way.
constexpr state::Nanoseconds kGrace = 5'000'000'000;

bool is_readable(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

// What it had to tell, or that it ended without a word.
ProbeResult result_in(const reexec::Channel& channel) {
  const auto message = channel.receive();
  if (message && *message) {
    if (auto result = reexec::decode<ProbeResult>((*message)->bytes)) return *std::move(result);
  }
  return {false, -1, "Health check ended without a result"};
}

}  // namespace

HealthMonitor::HealthMonitor(state::Roots roots, const state::Record& record)
    : roots_(std::move(roots)),
      id_(record.id),
      check_(with_defaults(record.health_check)),
      command_(probe_command(record.health_check)) {}

state::Nanoseconds HealthMonitor::clock() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return state::Nanoseconds{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void HealthMonitor::begin(state::Nanoseconds now) {
  stop();
  if (!has_check()) return;
  health_ = {};
  health_.status = kStarting;
  started_ = now;
  wait_for_next(now);
}

void HealthMonitor::stop() {
  probe_.reset();
  deadline_.reset();
  event_.clear();
}

void HealthMonitor::wait_for_next(state::Nanoseconds now) {
  deadline_ = now + probe_interval(check_, health_.status, now - started_);
}

bool HealthMonitor::step(state::Nanoseconds now) {
  event_.clear();
  if (probe_ && is_readable(fd())) return finish(now, result_in(probe_->channel));
  if (!deadline_ || now < *deadline_) return false;
  if (probe_) return finish(now, {false, -1, "Health check could not be stopped"});
  auto probe = start_probe(now);
  if (!probe) {
    wait_for_next(now);
    const auto time = state::now();
    return add({time, time, -1, probe.error().message()}, now);
  }
  probe_.emplace(std::move(*probe));
  deadline_ = now + check_.timeout + kGrace;
  return false;
}

Result<HealthMonitor::Probe> HealthMonitor::start_probe(state::Nanoseconds now) const {
  auto command = reexec::Command::entry(std::string(kHealthEntry));
  command.in(reexec::Stdio::null()).out(reexec::Stdio::null()).err(reexec::Stdio::null());
  command.attributes().parent_death_signal = SIGKILL;
  TRY(auto process, command.start());
  auto channel = command.take_channel();
  const ProbeOrder order{roots_.data, roots_.state, id_, command_, check_.timeout};
  TRY_VOID(channel.send(0, reexec::encode(order)));
  return Probe{std::move(process), std::move(channel), now, state::now()};
}

bool HealthMonitor::finish(state::Nanoseconds now, ProbeResult result) {
  const state::Nanoseconds began = probe_->began;
  state::HealthProbe probe{probe_->wall_time, state::now(), result.exit_code,
                           std::move(result.output)};
  probe_.reset();
  const bool changed = !result.skipped && add(std::move(probe), began);
  wait_for_next(now);
  return changed;
}

bool HealthMonitor::add(state::HealthProbe probe, state::Nanoseconds began) {
  const std::string before = health_.status;
  add_probe(health_, check_, std::move(probe), began - started_);
  if (health_.status != before) event_ = "health_status: " + health_.status;
  return true;
}

}  // namespace mycontainer::runtime::monitor
