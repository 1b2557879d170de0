#include "cmd/oci/event_json.h"

#include <nlohmann/json.hpp>

namespace mycontainer::cmd::oci {
namespace {

using Json = nlohmann::ordered_json;
namespace cgroup = runtime::cgroup;

// Go's "omitempty".
template <class Value>
void put(Json& object, const char* key, const Value& value) {
  if (value != Value{}) object[key] = value;
}

Json pressure_line(const cgroup::PressureLine& line) {
  return {
      {"avg10", line.avg10}, {"avg60", line.avg60}, {"avg300", line.avg300}, {"total", line.total}};
}

void put_pressure(Json& object, const std::optional<cgroup::Pressure>& pressure) {
  if (!pressure) return;
  object["psi"] = {{"some", pressure_line(pressure->some)},
                   {"full", pressure_line(pressure->full)}};
}

Json cpu_tree(const cgroup::CpuStats& cpu) {
  Json usage = Json::object(), throttling = Json::object();
  put(usage, "total", cpu.usage.total);
  put(usage, "percpu", cpu.usage.percpu);
  put(usage, "percpu_kernel", cpu.usage.percpu_kernel);
  put(usage, "percpu_user", cpu.usage.percpu_user);
  usage["kernel"] = cpu.usage.kernel;
  usage["user"] = cpu.usage.user;
  put(throttling, "periods", cpu.throttling.periods);
  put(throttling, "throttledPeriods", cpu.throttling.throttled_periods);
  put(throttling, "throttledTime", cpu.throttling.throttled_time);
  Json tree = {{"usage", usage}, {"throttling", throttling}};
  put_pressure(tree, cpu.psi);
  return tree;
}

Json cpuset_tree(const cgroup::CpusetStats& cpuset) {
  Json tree = Json::object();
  put(tree, "cpus", cpuset.cpus);
  tree["cpu_exclusive"] = cpuset.cpu_exclusive;
  put(tree, "mems", cpuset.mems);
  tree["mem_hardwall"] = cpuset.mem_hardwall;
  tree["mem_exclusive"] = cpuset.mem_exclusive;
  tree["memory_migrate"] = cpuset.memory_migrate;
  tree["memory_spread_page"] = cpuset.memory_spread_page;
  tree["memory_spread_slab"] = cpuset.memory_spread_slab;
  tree["memory_pressure"] = cpuset.memory_pressure;
  tree["sched_load_balance"] = cpuset.sched_load_balance;
  tree["sched_relax_domain_level"] = cpuset.sched_relax_domain_level;
  return tree;
}

Json memory_entry(const cgroup::MemoryEntry& entry) {
  Json tree = {{"limit", entry.limit}};
  put(tree, "usage", entry.usage);
  put(tree, "max", entry.max);
  tree["failcnt"] = entry.failcnt;
  return tree;
}

Json memory_tree(const cgroup::MemoryStats& memory) {
  Json tree = Json::object();
  put(tree, "cache", memory.cache);
  tree["usage"] = memory_entry(memory.usage);
  tree["swap"] = memory_entry(memory.swap);
  tree["kernel"] = memory_entry(memory.kernel);
  tree["kernelTCP"] = memory_entry(memory.kernel_tcp);
  put(tree, "raw", memory.raw);
  put_pressure(tree, memory.psi);
  const auto& events = memory.events;
  tree["event_count"] = {{"low", events.low},           {"high", events.high},
                         {"max", events.max},           {"oom", events.oom},
                         {"oom_kill", events.oom_kill}, {"oom_group_kill", events.oom_group_kill}};
  return tree;
}

void put_blkio(Json& tree, const char* key, const std::vector<cgroup::BlkioEntry>& entries) {
  for (const cgroup::BlkioEntry& entry : entries) {
    Json row = Json::object();
    put(row, "major", entry.major);
    put(row, "minor", entry.minor);
    put(row, "op", entry.op);
    put(row, "value", entry.value);
    tree[key].push_back(std::move(row));
  }
}

Json blkio_tree(const cgroup::BlkioStats& blkio) {
  Json tree = Json::object();
  put_blkio(tree, "ioServiceBytesRecursive", blkio.io_service_bytes_recursive);
  put_blkio(tree, "ioServicedRecursive", blkio.io_serviced_recursive);
  put_blkio(tree, "ioQueueRecursive", blkio.io_queued_recursive);
  put_blkio(tree, "ioServiceTimeRecursive", blkio.io_service_time_recursive);
  put_blkio(tree, "ioWaitTimeRecursive", blkio.io_wait_time_recursive);
  put_blkio(tree, "ioMergedRecursive", blkio.io_merged_recursive);
  put_blkio(tree, "ioTimeRecursive", blkio.io_time_recursive);
  put_blkio(tree, "sectorsRecursive", blkio.sectors_recursive);
  put_pressure(tree, blkio.psi);
  return tree;
}

Json hugetlb_tree(const std::map<std::string, cgroup::HugetlbStats>& sizes) {
  Json tree = Json::object();
  for (const auto& [size, stats] : sizes) {
    Json entry = Json::object();
    put(entry, "usage", stats.usage);
    put(entry, "max", stats.max);
    entry["failcnt"] = stats.failcnt;
    tree[size] = std::move(entry);
  }
  return tree;
}

Json stats_tree(const cgroup::Stats& stats) {
  Json pids = Json::object();
  put(pids, "current", stats.pids.current);
  put(pids, "limit", stats.pids.limit);
  return {{"cpu", cpu_tree(stats.cpu)},          {"cpuset", cpuset_tree(stats.cpuset)},
          {"memory", memory_tree(stats.memory)}, {"pids", pids},
          {"blkio", blkio_tree(stats.blkio)},    {"hugetlb", hugetlb_tree(stats.hugetlb)},
          {"intel_rdt", Json::object()},         {"network_interfaces", nullptr}};
}

std::string line(const Json& tree) {
  return tree.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string stats_event(std::string_view id, const cgroup::Stats& stats) {
  return line({{"type", "stats"}, {"id", id}, {"data", stats_tree(stats)}});
}

std::string oom_event(std::string_view id) { return line({{"type", "oom"}, {"id", id}}); }

}  // namespace mycontainer::cmd::oci
