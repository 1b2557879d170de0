#include "runtime/state/record.h"

#include <fcntl.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "reexec/sys/file.h"
#include "runtime/oci/json_writer.h"
#include "runtime/state/json_fields.h"

namespace mycontainer::runtime::state {

namespace {

using nlohmann::json;

constexpr const char* kStatusNames[] = {"created", "running", "restarting", "exited"};
constexpr const char* kRestartNames[] = {"no", "on-failure", "always", "unless-stopped"};

template <class Enum, std::size_t Count>
void take_name(const json& object, const char* key, const char* const (&names)[Count],
               Enum& target) {
  std::string name;
  take(object, key, name);
  for (std::size_t i = 0; i < Count; ++i) {
    if (name == names[i]) target = static_cast<Enum>(i);
  }
}

Health health_from_json(const json& object) {
  Health health;
  take(object, "status", health.status);
  take(object, "failingStreak", health.failing_streak);
  const auto log = object.find("log");
  if (log == object.end() || !log->is_array()) return health;
  for (const json& item : *log) {
    if (!item.is_object()) continue;
    HealthProbe& probe = health.log.emplace_back();
    take(item, "start", probe.start);
    take(item, "end", probe.end);
    take(item, "exitCode", probe.exit_code);
    take(item, "output", probe.output);
  }
  return health;
}

State state_from_json(const json& object) {
  State state;
  if (!object.is_object()) return state;
  take_name(object, "status", kStatusNames, state.status);
  take(object, "boot", state.boot);
  take(object, "pid", state.pid);
  take(object, "exitCode", state.exit_code);
  take(object, "oomKilled", state.oom_killed);
  take(object, "stoppedByUser", state.stopped_by_user);
  take(object, "error", state.error);
  take(object, "started", state.started);
  take(object, "finished", state.finished);
  take(object, "restartCount", state.restart_count);
  if (const auto health = object.find("health"); health != object.end() && health->is_object()) {
    state.health = health_from_json(*health);
  }
  return state;
}

void log_from_json(const json& object, LogSettings& log) {
  if (!object.is_object()) return;
  take(object, "driver", log.driver);
  take(object, "maxSize", log.max_size);
  take(object, "maxFiles", log.max_files);
  take(object, "options", log.options);
}

void check_from_json(const json& object, HealthCheck& check) {
  if (!object.is_object()) return;
  take(object, "test", check.test);
  take(object, "interval", check.interval);
  take(object, "timeout", check.timeout);
  take(object, "startPeriod", check.start_period);
  take(object, "startInterval", check.start_interval);
  take(object, "retries", check.retries);
}

// Every member but those that are objects of their own, by name: `visit(name, member)`.
template <class Self, class Visit>
void visit_plain(Self& record, const Visit& visit) {
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
  visit("interactive", record.interactive);
  visit("stdinOnce", record.stdin_once);
  visit("terminal", record.terminal);
  visit("autoRemove", record.auto_remove);
  visit("foreground", record.foreground);
  visit("overlay", record.overlay);
  visit("rootless", record.rootless);
  visit("privileged", record.privileged);
  visit("network", record.network);
  visit("cgroupParent", record.cgroup_parent);
  visit("stopSignal", record.stop_signal);
}

}  // namespace

void fields(auto& v, const HealthProbe& probe) {
  v.required("start", probe.start);
  v.required("end", probe.end);
  v.required("exitCode", probe.exit_code);
  v.required("output", probe.output);
}

void fields(auto& v, const Health& health) {
  v.required("status", health.status);
  v.required("failingStreak", health.failing_streak);
  v.required("log", health.log);
}

void fields(auto& v, const State& state) {
  v.required("status", kStatusNames[static_cast<int>(state.status)]);
  v.required("boot", state.boot);
  v.required("pid", state.pid);
  v.required("exitCode", state.exit_code);
  v.required("oomKilled", state.oom_killed);
  v.required("stoppedByUser", state.stopped_by_user);
  v.required("error", state.error);
  v.required("started", state.started);
  v.required("finished", state.finished);
  v.required("restartCount", state.restart_count);
  if (!state.health.status.empty()) v.required("health", state.health);
}

void fields(auto& v, const RestartPolicy& policy) {
  v.required("policy", kRestartNames[static_cast<int>(policy.kind)]);
  v.required("maxRetries", policy.max_retries);
}

void fields(auto& v, const LogSettings& log) {
  v.required("driver", log.driver);
  v.required("maxSize", log.max_size);
  v.required("maxFiles", log.max_files);
  v.required("options", log.options);
}

void fields(auto& v, const HealthCheck& check) {
  v.required("test", check.test);
  v.required("interval", check.interval);
  v.required("timeout", check.timeout);
  v.required("startPeriod", check.start_period);
  v.required("startInterval", check.start_interval);
  v.required("retries", check.retries);
}

void fields(auto& v, const Record& record) {
  visit_plain(record, [&](const char* name, const auto& member) { v.required(name, member); });
  v.optional("stopTimeout", record.stop_timeout);
  v.required("restart", record.restart);
  v.required("log", record.log);
  if (!record.health_check.test.empty()) v.required("healthCheck", record.health_check);
  v.required("state", record.state);
}

Nanoseconds now() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return Nanoseconds{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

Result<std::string> boot_id() {
  TRY(std::string text, sys::read_file_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id"));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string to_json(const Record& record) { return oci::json_text(record, 0); }

Result<Record> from_json(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  Record record;
  if (object.is_object()) {
    visit_plain(record, [&](const char* name, auto& member) { take(object, name, member); });
  }
  if (record.id.empty() || !object.contains("state")) {
    return fail("record.json: not a container's record");
  }
  if (object.contains("stopTimeout")) take(object, "stopTimeout", record.stop_timeout.emplace());
  if (const auto restart = object.find("restart");
      restart != object.end() && restart->is_object()) {
    take_name(*restart, "policy", kRestartNames, record.restart.kind);
    take(*restart, "maxRetries", record.restart.max_retries);
  }
  if (object.contains("log")) log_from_json(object["log"], record.log);
  if (object.contains("healthCheck")) check_from_json(object["healthCheck"], record.health_check);
  record.state = state_from_json(object["state"]);
  return record;
}

std::string to_text(const RestartPolicy& policy) {
  std::string text = kRestartNames[static_cast<int>(policy.kind)];
  if (policy.kind == RestartKind::kOnFailure && policy.max_retries > 0) {
    text += fmt::format(":{}", policy.max_retries);
  }
  return text;
}

}  // namespace mycontainer::runtime::state
