#include "runtime/engine/image_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "runtime/oci/signal_name.h"

namespace mycontainer::runtime::engine {

namespace {

bool is_port(std::string_view text) {
  int port = 0;
  const char* const end = text.data() + text.size();
  const auto [after, status] = std::from_chars(text.data(), end, port);
  return !text.empty() && status == std::errc() && after == end && port >= 0 && port <= 65535;
}

// "80", "80/tcp", "8000-8010/udp".
Result<std::string> exposed_port(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view ports = text.substr(0, slash);
  const std::string_view protocol = slash == text.npos ? "tcp" : text.substr(slash + 1);
  const std::size_t dash = ports.find('-');
  const bool ports_are =
      is_port(ports.substr(0, dash)) && (dash == ports.npos || is_port(ports.substr(dash + 1)));
  constexpr std::array<std::string_view, 3> kProtocols = {"tcp", "udp", "sctp"};
  if (!ports_are || std::ranges::find(kProtocols, protocol) == kProtocols.end()) {
    return fail("invalid exposed port {}", text.substr(0, 100));
  }
  return fmt::format("{}/{}", ports, protocol);
}

Result<std::string> volume(const std::string& path) {
  if (!path.starts_with('/') || path.find('\0') != path.npos) {
    return fail("invalid volume {}: it must be an absolute path", path.substr(0, 100));
  }
  return path;
}

Result<state::HealthCheck> health_check(const rootfs::image::ContainerConfig& config) {
  constexpr state::Nanoseconds kLeast = 1'000'000;
  if (!config.healthcheck) return state::HealthCheck();
  const rootfs::image::Healthcheck& check = *config.healthcheck;
  for (const std::int64_t time :
       {check.interval, check.timeout, check.start_period, check.start_interval}) {
    if (time != 0 && time < kLeast) return fail("invalid health check: a time of less than 1ms");
  }
  return state::HealthCheck{check.test,           check.interval, check.timeout, check.start_period,
                            check.start_interval, check.retries,  config.shell};
}

template <class Check>
Result<std::vector<std::string>> checked(const std::vector<std::string>& texts, Check check) {
  std::vector<std::string> all;
  for (const std::string& text : texts) {
    TRY(std::string one, check(text));
    all.push_back(std::move(one));
  }
  return all;
}

Result<ImageConfig> converted(const rootfs::image::ContainerConfig& config) {
  ImageConfig image;
  image.env = config.env;
  image.entrypoint = config.entrypoint;
  image.cmd = config.cmd;
  image.user = config.user;
  image.working_directory = config.working_directory;
  image.labels = config.labels;
  if (!config.stop_signal.empty()) TRY_VOID(oci::signal_number(config.stop_signal));
  image.stop_signal = config.stop_signal;
  TRY(image.exposed_ports, checked(config.exposed_ports, exposed_port));
  TRY(image.volumes, checked(config.volumes, volume));
  TRY(image.health_check, health_check(config));
  return image;
}

}  // namespace

Result<ImageConfig> image_config_from(const rootfs::image::Config& config) {
  auto image = converted(config.config);
  if (!image) return within("the image's configuration", std::move(image).error());
  return image;
}

state::HealthCheck merged_health_check(state::HealthCheck asked, const state::HealthCheck& image) {
  const auto take = [](auto& value, const auto& images) {
    if (value == std::remove_cvref_t<decltype(value)>()) value = images;
  };
  take(asked.test, image.test);
  take(asked.interval, image.interval);
  take(asked.timeout, image.timeout);
  take(asked.start_period, image.start_period);
  take(asked.start_interval, image.start_interval);
  take(asked.retries, image.retries);
  asked.shell = image.shell;
  return asked;
}

}  // namespace mycontainer::runtime::engine
