// The health check of the container that a monitor watches over, as a part of its poll(2) loop:
// nothing here waits. Monitor side.
//
//   HealthMonitor health(roots, record);
//   health.begin(HealthMonitor::clock());     at each start of the container
//   loop:  poll {health.fd(), POLLIN} until health.deadline() at the latest
//          if (health.step(HealthMonitor::clock())) write health.health() into the record
//   health.stop();                            at its end
//
// A probe is a process of its own (health_probe.h), so that the monitor's memory stays as it is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reexec/channel.h"
#include "reexec/process.h"
#include "runtime/monitor/health_probe.h"
#include "runtime/state/record.h"
#include "runtime/state/roots.h"

namespace mycontainer::runtime::monitor {

class HealthMonitor {
 public:
  // Of record.health_check. Without a check all of this does nothing.
  HealthMonitor(state::Roots roots, const state::Record& record);

  [[nodiscard]] bool has_check() const { return !command_.empty(); }
  // Of CLOCK_MONOTONIC: what the times below are told in.
  static state::Nanoseconds clock();

  // The container has started: its health is "starting", and the first probe an interval away.
  void begin(state::Nanoseconds now);
  // It has ended, or is about to: a probe that still runs is killed and forgotten.
  void stop();

  // Readable when the running probe has something to tell; -1 when none runs.
  [[nodiscard]] int fd() const { return probe_ ? probe_->channel.fd() : -1; }
  // When step() must be called at the latest; nothing when it need not be.
  [[nodiscard]] std::optional<state::Nanoseconds> deadline() const { return deadline_; }
  // Takes the result, gives up on a probe, or starts the next. True: health() is another now.
  bool step(state::Nanoseconds now);

  [[nodiscard]] const state::Health& health() const { return health_; }
  // Docker's event for the last step(): "health_status: unhealthy"; empty when the status stayed.
  [[nodiscard]] const std::string& event() const { return event_; }

 private:
  struct Probe {
    reexec::Process process;
    reexec::Channel channel;
    state::Nanoseconds began = 0;      // of clock()
    state::Nanoseconds wall_time = 0;  // of state::now()
  };

  Result<Probe> start_probe(state::Nanoseconds now) const;
  bool finish(state::Nanoseconds now, ProbeResult result);
  bool add(state::HealthProbe probe, state::Nanoseconds began);
  void wait_for_next(state::Nanoseconds now);

  state::Roots roots_;
  std::string id_;
  state::HealthCheck check_;
  std::vector<std::string> command_;
  state::Health health_;
  std::string event_;
  state::Nanoseconds started_ = 0;
  std::optional<state::Nanoseconds> deadline_;
  std::optional<Probe> probe_;
};

}  // namespace mycontainer::runtime::monitor
