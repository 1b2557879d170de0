#include <algorithm>

#include "runtime/lifecycle/commit.h"
#include "runtime/lifecycle/signal_event.h"

namespace mycontainer::runtime::lifecycle {

namespace {

namespace image = rootfs::image;
using Strings = std::vector<std::string>;

bool has_variable(const Strings& env, std::string_view name) {
  return std::ranges::any_of(env, [&](const std::string& one) { return one.starts_with(name); });
}

// Without what every container gets for itself (runtime/engine/spec_process.cpp).
Strings own_environment(const image::ContainerConfig& base, const state::Record& record,
                        Strings env) {
  const auto drop = [&](const std::string& variable) {
    const std::string name = variable.substr(0, variable.find('=') + 1);
    if (!has_variable(base.env, name)) std::erase(env, variable);
  };
  drop("HOSTNAME=" + record.hostname);
  if (record.terminal) drop("TERM=xterm");
  if (!env.empty() && env.back().starts_with("HOME=")) drop(std::string(env.back()));
  return env;
}

// The record has no more than the numbers; a name that the image has stands for them.
std::string user_of(const image::ContainerConfig& base, const oci::User& user) {
  if (!base.user.empty() && base.user != "0" && base.user != "root") {
    return user.uid == 0 ? "0" : base.user;
  }
  if (user.uid == 0 && user.gid == 0) return base.user;
  return fmt::format("{}:{}", user.uid, user.gid);
}

std::optional<image::Healthcheck> health_check_of(const state::HealthCheck& check) {
  if (check.test.empty()) return std::nullopt;
  return image::Healthcheck{check.test,         check.interval,       check.timeout,
                            check.start_period, check.start_interval, check.retries};
}

}  // namespace

image::ContainerConfig committed_config(const image::ContainerConfig& base,
                                        const state::Record& record, const oci::Spec& spec) {
  constexpr int kDefaultSignal = 15;
  image::ContainerConfig config = base;
  config.entrypoint = record.entrypoint;
  config.cmd = record.command;
  config.labels = record.labels;
  config.exposed_ports = record.exposed_ports;
  std::ranges::sort(config.exposed_ports);
  config.healthcheck = health_check_of(record.health_check);
  if (record.stop_signal != kDefaultSignal || !base.stop_signal.empty()) {
    config.stop_signal = signal_name(record.stop_signal);
  }
  if (!spec.process) return config;
  config.env = own_environment(base, record, spec.process->env);
  config.user = user_of(base, spec.process->user);
  if (spec.process->cwd != "/" || !base.working_directory.empty()) {
    config.working_directory = spec.process->cwd;
  }
  return config;
}

}  // namespace mycontainer::runtime::lifecycle
