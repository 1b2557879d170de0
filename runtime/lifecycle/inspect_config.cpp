#include <fmt/core.h>

#include <algorithm>

#include "runtime/lifecycle/inspect_parts.h"
#include "runtime/lifecycle/signal_event.h"

namespace mycontainer::runtime::lifecycle {
namespace {

std::string user_of(const oci::Process& process) {
  if (process.user.uid == 0 && process.user.gid == 0) return {};
  return fmt::format("{}:{}", process.user.uid, process.user.gid);
}

Json exposed_ports(std::vector<std::string> all) {
  Json ports = Json::object();
  std::ranges::sort(all);
  for (const std::string& port : all) ports[port] = Json::object();
  return ports;
}

Json anonymous_volumes(const state::Record& record) {
  Json volumes = Json::object();
  for (const state::MountOfVolume& mount : record.volumes) {
    if (mount.anonymous) volumes[mount.destination] = Json::object();
  }
  return volumes.empty() ? Json(nullptr) : volumes;
}

Json health_check(const state::HealthCheck& check) {
  Json object = {{"Test", check.test}};
  if (check.interval != 0) object["Interval"] = check.interval;
  if (check.timeout != 0) object["Timeout"] = check.timeout;
  if (check.start_period != 0) object["StartPeriod"] = check.start_period;
  if (check.start_interval != 0) object["StartInterval"] = check.start_interval;
  if (check.retries != 0) object["Retries"] = check.retries;
  return object;
}

}  // namespace

Json container_config(const InspectInput& input) {
  const state::Record& record = input.record;
  const oci::Process process = input.spec.process.value_or(oci::Process{});
  Json config = {{"Hostname", record.hostname}, {"Domainname", input.spec.domainname},
                 {"User", user_of(process)},    {"AttachStdin", false},
                 {"AttachStdout", false},       {"AttachStderr", false}};
  if (!record.exposed_ports.empty()) config["ExposedPorts"] = exposed_ports(record.exposed_ports);
  config["Tty"] = record.terminal;
  config["OpenStdin"] = record.interactive;
  config["StdinOnce"] = record.stdin_once;
  config["Env"] = process.env;
  config["Cmd"] = list_or_null(record.command);
  if (!record.health_check.test.empty()) config["Healthcheck"] = health_check(record.health_check);
  config["Image"] = record.image;
  config["Volumes"] = anonymous_volumes(record);
  config["WorkingDir"] = process.cwd == "/" ? "" : process.cwd;
  config["Entrypoint"] = list_or_null(record.entrypoint);
  config["OnBuild"] = nullptr;
  config["Labels"] = record.labels.empty() ? Json::object() : Json(record.labels);
  config["StopSignal"] = signal_name(record.stop_signal);
  if (record.stop_timeout) config["StopTimeout"] = *record.stop_timeout;
  return config;
}

}  // namespace mycontainer::runtime::lifecycle
