// record.json: what a container is, and what was last known of it. Plain data, read and written by
// every command and by the container's supervisor.
//
// Times are nanoseconds since 1970 (UTC), durations nanoseconds; 0: not yet, or not set.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "runtime/network/address/settings.h"

namespace mycontainer::runtime::state {

using Nanoseconds = std::int64_t;

Nanoseconds now();  // of CLOCK_REALTIME

// The kernel's name for the time since the last boot (/proc/sys/kernel/random/boot_id).
Result<std::string> boot_id();

// What is stored. Whether a container that is recorded as running still does is effective_state()'s
// to say (live.h): its supervisor may have been killed, or the machine restarted.
enum class Status : std::uint8_t { kCreated, kRunning, kRestarting, kExited };

enum class RestartKind : std::uint8_t { kNo, kOnFailure, kAlways, kUnlessStopped };
struct RestartPolicy {
  RestartKind kind = RestartKind::kNo;
  int max_retries = 0;  // of kOnFailure; 0: without end
};

// --health-*; an image's HEALTHCHECK. `test` is Docker's: empty (none), {"NONE"}, {"CMD", arg...} or
// {"CMD-SHELL", line}. A zero is Docker's default: 30 s, 30 s, 0 s, 5 s, 3.
struct HealthCheck {
  std::vector<std::string> test;
  Nanoseconds interval = 0, timeout = 0, start_period = 0, start_interval = 0;
  int retries = 0;
  std::vector<std::string> shell = {};  // of CMD-SHELL, an image's SHELL; empty: /bin/sh -c
};

struct LogSettings {
  std::string driver = "json-file";            // or "none"
  std::uint64_t max_size = 10'000'000;         // bytes of one file
  unsigned max_files = 3;                      // log.json included
  std::map<std::string, std::string> options;  // as typed after --log-opt
};

struct HealthProbe {
  Nanoseconds start = 0, end = 0;
  int exit_code = 0;
  std::string output;  // at most 4096 bytes
};

struct Health {
  std::string status;  // "starting", "healthy", "unhealthy"; empty: no check
  int failing_streak = 0;
  std::vector<HealthProbe> log;  // the last five
};

struct State {
  Status status = Status::kCreated;
  std::string boot;      // boot_id() of the last start
  std::int32_t pid = 0;  // of the first process, of the last start
  int exit_code = 0;     // as a shell has it: 128 + n for a signal
  bool oom_killed = false;
  bool stopped_by_user = false;  // stop, kill or rm asked for the last end
  std::string error;             // why it could not be started, or why its end is not known
  Nanoseconds started = 0, finished = 0;
  int restart_count = 0;
  Health health;
};

// A volume that the container mounts (rootfs/volume), whatever its configuration mounts it as.
struct MountOfVolume {
  std::string name, destination;
  bool anonymous = false;
  bool copy_up = true;  // it gets what the image has at `destination`, once
};

struct Record {
  std::string id, name;
  std::string image;     // as typed ("busybox"); a directory with --rootfs
  std::string image_id;  // "sha256:..." or empty
  Nanoseconds created = 0;
  std::vector<std::string> args;  // what is executed: entry point and command
  std::vector<std::string> entrypoint, command;
  std::map<std::string, std::string> labels;
  std::string hostname;                    // what it calls itself, also in its /etc/hosts
  std::vector<std::string> exposed_ports;  // "80/tcp"
  std::vector<MountOfVolume> volumes;
  bool interactive = false;  // -i: it has a standard input
  bool stdin_once = false;   // which ends when the first who is attached leaves
  bool terminal = false;     // -t
  bool auto_remove = false;  // --rm
  bool foreground = false;   // run by `run --rm` itself: no monitor, no log
  bool overlay = true;       // it has a writable layer of its own
  bool rootless = false;
  bool privileged = false;
  std::string network = "none";  // Docker's NetworkMode: the first of `networks`
  std::vector<network::EndpointSettings> networks;
  std::vector<network::PortMapping> ports;  // to be published, -P's included
  bool publish_all = false;
  network::NameSettings names;
  std::string cgroup_parent;
  RestartPolicy restart;
  LogSettings log;
  HealthCheck health_check;
  int stop_signal = 15;
  std::optional<int> stop_timeout;  // seconds; absent: 10, negative: without end
  State state;
};

std::string to_json(const Record& record);
// A text that is no record is an error ("record.json: ..."): cut short, foreign, without an id.
Result<Record> from_json(std::string_view text);

// "no", "on-failure", "on-failure:3", "always", "unless-stopped".
std::string to_text(const RestartPolicy& policy);

}  // namespace mycontainer::runtime::state
