// Docker's rules of health checks: what is run, when, and what follows from a result. Pure.
#pragma once

#include <string>
#include <vector>

#include "runtime/state/record.h"

namespace mycontainer::runtime::monitor {

// The check with its zeros replaced by Docker's defaults.
state::HealthCheck with_defaults(state::HealthCheck check);

// What is executed in the container; empty: there is no check.
std::vector<std::string> probe_command(const state::HealthCheck& check);

// From the end of one probe, or the start of the container, to the next probe.
state::Nanoseconds probe_interval(const state::HealthCheck& check, const std::string& status,
                                  state::Nanoseconds since_start);

// Adds a probe that began so long after the container's start. Until a first success, failures
// within the start period are kept but do not count.
void add_probe(state::Health& health, const state::HealthCheck& check, state::HealthProbe probe,
               state::Nanoseconds since_start);

inline constexpr const char* kStarting = "starting";
inline constexpr const char* kHealthy = "healthy";
inline constexpr const char* kUnhealthy = "unhealthy";

}  // namespace mycontainer::runtime::monitor
