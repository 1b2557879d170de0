// An image's configuration (OCI image-spec config.md; Docker's superset: Healthcheck, OnBuild,
// Shell). Any process; pure. It is somebody else's text: bounds as in descriptor.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/descriptor.h"

namespace mycontainer::rootfs::image {

// Docker's HEALTHCHECK; nanoseconds, 0: not said.
struct Healthcheck {
  std::vector<std::string> test;
  std::int64_t interval = 0, timeout = 0, start_period = 0, start_interval = 0;
  int retries = 0;
};

// What a container made from it starts with.
struct ContainerConfig {
  std::string user, working_directory, stop_signal;
  std::vector<std::string> env, entrypoint, cmd, shell, on_build;
  std::vector<std::string> exposed_ports;  // "80/tcp", sorted
  std::vector<std::string> volumes;        // absolute paths, sorted
  StringMap labels;
  std::optional<Healthcheck> healthcheck;
  bool args_escaped = false;  // Windows' affair; kept
};

struct History {
  std::string created, created_by, author, comment;
  bool empty_layer = false;
};

struct Config {
  Platform platform;
  std::string created;  // RFC 3339, as it stands there; may be empty
  std::string author;
  ContainerConfig config;
  std::vector<Digest> diff_ids;  // of the uncompressed layers, the lowest first
  std::vector<History> history;
};

// Missing members are empty; null is missing, as Docker writes it. An environment entry without "="
// is an error (it must never mean "take the host's", CVE-2026-57231).
Result<Config> parse_config(std::string_view text);
std::string to_json(const Config& config);

}  // namespace mycontainer::rootfs::image
