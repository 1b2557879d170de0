// What a container used: runc's `events --stats` as plain structs, filled from cgroup v1 or v2.
// Parent side.
//
// Source: runc types/events.go; each member's JSON name is its own in camelCase unless a comment
// gives another, and each comment says which files it comes from (v1; v2). What a host does not
// count stays 0 or empty. kNoLimit stands for "max".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::cgroup {

inline constexpr std::uint64_t kNoLimit = UINT64_MAX;

// Pressure stall information: *.pressure of v2 (percentages; total in microseconds).
struct PressureLine {
  double avg10 = 0, avg60 = 0, avg300 = 0;
  std::uint64_t total = 0;
};
struct Pressure {
  PressureLine some, full;
};

struct CpuStats {              // JSON "cpu"
  struct Usage {               // nanoseconds
    std::uint64_t total = 0;   // cpuacct.usage; cpu.stat usage_usec
    std::uint64_t kernel = 0;  // cpuacct.usage_sys, cpuacct.stat system; cpu.stat system_usec
    std::uint64_t user = 0;    // cpuacct.usage_user, cpuacct.stat user; cpu.stat user_usec
    std::vector<std::uint64_t> percpu;         // cpuacct.usage_percpu; v2 does not have it
    std::vector<std::uint64_t> percpu_kernel;  // JSON "percpu_kernel": cpuacct.usage_all
    std::vector<std::uint64_t> percpu_user;    // JSON "percpu_user": cpuacct.usage_all
  } usage;
  struct Throttling {                     // cpu.stat in both
    std::uint64_t periods = 0;            // nr_periods
    std::uint64_t throttled_periods = 0;  // nr_throttled
    std::uint64_t throttled_time = 0;     // nanoseconds: throttled_time; throttled_usec
  } throttling;
  std::optional<Pressure> psi;  // cpu.pressure
};

// JSON "cpuset", all from v1's cpuset.* of the same name (JSON too: snake_case) except what says
// otherwise. v2: cpus and mems only.
struct CpusetStats {
  std::vector<std::uint16_t> cpus, mems;  // cpuset.cpus, cpuset.mems; cpuset.*.effective
  std::uint64_t cpu_exclusive = 0, mem_hardwall = 0, mem_exclusive = 0, memory_migrate = 0,
                memory_spread_page = 0, memory_spread_slab = 0, memory_pressure = 0,
                sched_load_balance = 0;
  std::int64_t sched_relax_domain_level = 0;
};

struct MemoryEntry {
  std::uint64_t limit = 0, usage = 0, max = 0, failcnt = 0;
};

struct MemoryStats {        // JSON "memory"
  std::uint64_t cache = 0;  // memory.stat cache; memory.stat file
  MemoryEntry usage;        // memory.{limit_in,usage_in,max_usage_in}_bytes, failcnt;
                            // memory.{max,current,peak}, memory.events max
  MemoryEntry swap;         // with memory, as v1 counts: memory.memsw.*; memory.swap.* added to it
  MemoryEntry kernel;       // memory.kmem.*; usage of memory.stat kernel
  MemoryEntry kernel_tcp;   // JSON "kernelTCP": memory.kmem.tcp.*; memory.stat sock
  std::map<std::string, std::uint64_t> raw;  // memory.stat as it is
  std::optional<Pressure> psi;               // memory.pressure
  struct Events {                            // JSON "event_count": memory.events
    std::uint64_t low = 0, high = 0, max = 0, oom = 0;
    std::uint64_t oom_kill = 0;        // JSON "oom_kill"; v1: memory.oom_control
    std::uint64_t oom_group_kill = 0;  // JSON "oom_group_kill"
  } events;
};

struct PidsStats {            // JSON "pids"
  std::uint64_t current = 0;  // pids.current
  std::uint64_t limit = 0;    // pids.max; 0 is no limit, as runc has it
};

struct BlkioEntry {
  std::uint64_t major = 0, minor = 0;
  std::string op;  // "Read", "Write", "Sync", "Async", "Discard", "Total"
  std::uint64_t value = 0;
};

// JSON "blkio". v1: blkio.bfq.*_recursive where bfq counts, else blkio.*_recursive, else
// blkio.throttle.*_recursive (which has only the first two). v2: io.stat, the first two only.
struct BlkioStats {
  std::vector<BlkioEntry> io_service_bytes_recursive, io_serviced_recursive;
  std::vector<BlkioEntry> io_queued_recursive;  // JSON "ioQueueRecursive"
  std::vector<BlkioEntry> io_service_time_recursive, io_wait_time_recursive, io_merged_recursive,
      io_time_recursive, sectors_recursive;
  std::optional<Pressure> psi;  // io.pressure
};

struct HugetlbStats {
  std::uint64_t usage = 0;    // hugetlb.<size>[.rsvd].usage_in_bytes; .current
  std::uint64_t max = 0;      // hugetlb.<size>[.rsvd].max_usage_in_bytes; not in v2
  std::uint64_t failcnt = 0;  // hugetlb.<size>[.rsvd].failcnt; .events max
};

// Not in runc's JSON; its metrics have it. rdma.current and rdma.max; kNoLimit for "max".
struct RdmaEntry {
  std::uint64_t hca_handles = 0, hca_objects = 0;
};
struct RdmaStats {
  std::map<std::string, RdmaEntry> current, limit;  // by device
};

struct Stats {
  CpuStats cpu;
  CpusetStats cpuset;
  MemoryStats memory;
  PidsStats pids;
  BlkioStats blkio;
  std::map<std::string, HugetlbStats> hugetlb;  // by page size: "2MB"
  RdmaStats rdma;
};

}  // namespace mycontainer::runtime::cgroup
