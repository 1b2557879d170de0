#include "runtime/monitor/health_rules.h"

#include <utility>

namespace mycontainer::runtime::monitor {

namespace {

constexpr state::Nanoseconds kSecond = 1'000'000'000;
constexpr std::size_t kKeptProbes = 5;

void set_default(state::Nanoseconds& value, state::Nanoseconds standard) {
  if (value <= 0) value = standard;
}

}  // namespace

state::HealthCheck with_defaults(state::HealthCheck check) {
  set_default(check.interval, 30 * kSecond);
  set_default(check.timeout, 30 * kSecond);
  set_default(check.start_interval, 5 * kSecond);
  if (check.start_period < 0) check.start_period = 0;
  if (check.retries <= 0) check.retries = 3;
  return check;
}

std::vector<std::string> probe_command(const state::HealthCheck& check) {
  if (check.test.size() < 2) return {};
  std::vector<std::string> rest(check.test.begin() + 1, check.test.end());
  if (check.test.front() == "CMD") return rest;
  if (check.test.front() != "CMD-SHELL") return {};
  std::vector<std::string> command = check.shell;
  if (command.empty()) command = {"/bin/sh", "-c"};
  command.push_back(std::move(rest.front()));
  return command;
}

state::Nanoseconds probe_interval(const state::HealthCheck& check, const std::string& status,
                                  state::Nanoseconds since_start) {
  const bool starting = status == kStarting && since_start < check.start_period;
  return starting ? check.start_interval : check.interval;
}

void add_probe(state::Health& health, const state::HealthCheck& check, state::HealthProbe probe,
               state::Nanoseconds since_start) {
  const bool succeeded = probe.exit_code == 0;
  if (health.log.size() >= kKeptProbes) health.log.erase(health.log.begin());
  health.log.push_back(std::move(probe));
  if (succeeded) {
    health.failing_streak = 0;
    health.status = kHealthy;
    return;
  }
  if (health.status == kStarting && since_start < check.start_period) return;
  ++health.failing_streak;
  if (health.failing_streak >= check.retries) health.status = kUnhealthy;
}

}  // namespace mycontainer::runtime::monitor
