// What a container uses of the machine, as `stats` shows it. Parent side.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "runtime/cgroup/stats.h"
#include "runtime/container/control.h"
#include "runtime/state/record.h"

namespace mycontainer::runtime::lifecycle {

struct Usage {
  state::Nanoseconds time = 0;          // when it was read (CLOCK_MONOTONIC)
  std::uint64_t cpu = 0;                // nanoseconds since the container's start
  std::uint64_t memory = 0;             // bytes, without the file cache that can be dropped at once
  std::uint64_t memory_limit = 0;       // the machine's memory, where it has no lower one
  std::uint64_t read = 0, written = 0;  // bytes, of block devices
  std::uint64_t received = 0, sent = 0;  // bytes, of network devices but "lo"
  std::uint64_t processes = 0;
};

// Of a container that runs. An error for one in no cgroup of its own: nothing counts it.
Result<Usage> read_usage(const container::Inspection& running);

// How many CPUs it kept busy between two readings, in percent of one.
double cpu_percent(const Usage& before, const Usage& now);
double memory_percent(const Usage& usage);

// The parts that come from the cgroup. Pure.
Usage usage_from(const cgroup::Stats& stats, std::uint64_t machine_memory);
// Adds what the text of /proc/PID/net/dev counts. Pure.
void add_network(Usage& usage, std::string_view net_dev);

}  // namespace mycontainer::runtime::lifecycle
