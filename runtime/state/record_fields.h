// The members of a record by their names in record.json: what writing and both ways of reading
// share. Private to runtime/state.
#pragma once

#include <array>
#include <concepts>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "runtime/state/record.h"

namespace mycontainer::runtime::state {

inline constexpr std::array<std::string_view, 4> kStatusNames = {"created", "running", "restarting",
                                                                 "exited"};
inline constexpr std::array<std::string_view, 4> kRestartNames = {"no", "on-failure", "always",
                                                                  "unless-stopped"};

inline constexpr std::array<std::string_view, 3> kProtocolNames = {"tcp", "udp", "sctp"};

constexpr const auto& names_of(network::Protocol) { return kProtocolNames; }
constexpr const auto& names_of(Status) { return kStatusNames; }
constexpr const auto& names_of(RestartKind) { return kRestartNames; }

// Which structure is meant, constant or not.
template <class Self, class Struct>
concept Is = std::same_as<std::remove_const_t<Self>, Struct>;

// members(structure, visit): calls visit(name, member) for each member.
template <class Visit>
void members(Is<HealthProbe> auto& probe, const Visit& visit) {
  visit("start", probe.start);
  visit("end", probe.end);
  visit("exitCode", probe.exit_code);
  visit("output", probe.output);
}

template <class Visit>
void members(Is<Health> auto& health, const Visit& visit) {
  visit("status", health.status);
  visit("failingStreak", health.failing_streak);
  visit("log", health.log);
}

template <class Visit>
void members(Is<State> auto& state, const Visit& visit) {
  visit("status", state.status);
  visit("boot", state.boot);
  visit("pid", state.pid);
  visit("exitCode", state.exit_code);
  visit("oomKilled", state.oom_killed);
  visit("stoppedByUser", state.stopped_by_user);
  visit("error", state.error);
  visit("started", state.started);
  visit("finished", state.finished);
  visit("restartCount", state.restart_count);
  visit("health", state.health);
}

template <class Visit>
void members(Is<LogSettings> auto& log, const Visit& visit) {
  visit("driver", log.driver);
  visit("maxSize", log.max_size);
  visit("maxFiles", log.max_files);
  visit("options", log.options);
}

template <class Visit>
void members(Is<HealthCheck> auto& check, const Visit& visit) {
  visit("test", check.test);
  visit("interval", check.interval);
  visit("timeout", check.timeout);
  visit("startPeriod", check.start_period);
  visit("startInterval", check.start_interval);
  visit("retries", check.retries);
  visit("shell", check.shell);
}

template <class Visit>
void members(Is<RestartPolicy> auto& policy, const Visit& visit) {
  visit("policy", policy.kind);
  visit("maxRetries", policy.max_retries);
}

template <class Visit>
void members(Is<MountOfVolume> auto& mount, const Visit& visit) {
  visit("name", mount.name);
  visit("destination", mount.destination);
  visit("anonymous", mount.anonymous);
  visit("copyUp", mount.copy_up);
}

template <class Visit>
void members(Is<network::EndpointSettings> auto& endpoint, const Visit& visit) {
  visit("network", endpoint.network);
  visit("ipv4", endpoint.ipv4);
  visit("ipv6", endpoint.ipv6);
  visit("mac", endpoint.mac);
  visit("aliases", endpoint.aliases);
  visit("driverOptions", endpoint.driver_options);
  visit("gatewayPriority", endpoint.gateway_priority);
}

template <class Visit>
void members(Is<network::PortMapping> auto& port, const Visit& visit) {
  visit("hostAddress", port.host_address);
  visit("hostPort", port.host_port);
  visit("hostPortLast", port.host_port_last);
  visit("containerPort", port.container_port);
  visit("protocol", port.protocol);
}

template <class Visit>
void members(Is<network::NameSettings> auto& names, const Visit& visit) {
  visit("servers", names.servers);
  visit("search", names.search);
  visit("options", names.options);
  visit("hosts", names.hosts);
}

template <class Visit>
void members(Is<Record> auto& record, const Visit& visit) {
  visit("id", record.id);
  visit("name", record.name);
  visit("image", record.image);
  visit("imageId", record.image_id);
  visit("created", record.created);
  visit("args", record.args);
  visit("entrypoint", record.entrypoint);
  visit("command", record.command);
  visit("labels", record.labels);
  visit("hostname", record.hostname);
  visit("exposedPorts", record.exposed_ports);
  visit("volumes", record.volumes);
  visit("interactive", record.interactive);
  visit("stdinOnce", record.stdin_once);
  visit("terminal", record.terminal);
  visit("autoRemove", record.auto_remove);
  visit("foreground", record.foreground);
  visit("overlay", record.overlay);
  visit("rootless", record.rootless);
  visit("privileged", record.privileged);
  visit("network", record.network);
  visit("networks", record.networks);
  visit("ports", record.ports);
  visit("publishAll", record.publish_all);
  visit("names", record.names);
  visit("cgroupParent", record.cgroup_parent);
  visit("restart", record.restart);
  visit("log", record.log);
  visit("healthCheck", record.health_check);
  visit("stopSignal", record.stop_signal);
  visit("stopTimeout", record.stop_timeout);
  visit("state", record.state);
}

// What is left out of the text: what was not asked for.
inline bool says_something(const Health& health) { return !health.status.empty(); }
inline bool says_something(const HealthCheck& check) { return !check.test.empty(); }
inline bool says_something(const std::vector<MountOfVolume>& mounts) { return !mounts.empty(); }
inline bool says_something(const std::vector<network::EndpointSettings>& v) { return !v.empty(); }
inline bool says_something(const std::vector<network::PortMapping>& v) { return !v.empty(); }
inline bool says_something(const network::NameSettings& names) {
  return !(names.servers.empty() && names.search.empty() && names.options.empty() &&
           names.hosts.empty());
}
template <class T>
bool says_something(const std::optional<T>& value) {
  return value.has_value();
}
template <class T>
bool says_something(const T&) {
  return true;
}

}  // namespace mycontainer::runtime::state
