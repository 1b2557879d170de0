#include "runtime/lifecycle/usage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "reexec/sys/file.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/lifecycle/running.h"

namespace mycontainer::runtime::lifecycle {

namespace {

std::uint64_t total_of(const std::vector<cgroup::BlkioEntry>& entries, std::string_view operation) {
  std::uint64_t total = 0;
  for (const auto& entry : entries) {
    if (entry.op == operation) total += entry.value;
  }
  return total;
}

// v1 counts the sub-cgroups' under a name of their own.
std::uint64_t droppable_cache(const std::map<std::string, std::uint64_t>& memory) {
  for (const char* name : {"total_inactive_file", "inactive_file"}) {
    if (const auto found = memory.find(name); found != memory.end()) return found->second;
  }
  return 0;
}

std::uint64_t machine_memory() {
  struct sysinfo info {};
  return ::sysinfo(&info) == 0 ? std::uint64_t{info.totalram} * info.mem_unit : 0;
}

// On the host's network nothing counts what is the container's.
bool has_own_network(pid_t pid) {
  struct stat ours {};
  struct stat theirs {};
  return ::stat("/proc/self/ns/net", &ours) == 0 &&
         ::stat(fmt::format("/proc/{}/ns/net", pid).c_str(), &theirs) == 0 &&
         ours.st_ino != theirs.st_ino;
}

}  // namespace

Usage usage_from(const cgroup::Stats& stats, std::uint64_t machine_memory) {
  Usage usage;
  usage.cpu = stats.cpu.usage.total;
  const auto& memory = stats.memory;
  usage.memory = memory.usage.usage - std::min(memory.usage.usage, droppable_cache(memory.raw));
  const bool limited = memory.usage.limit != 0 && memory.usage.limit < machine_memory;
  usage.memory_limit = limited ? memory.usage.limit : machine_memory;
  usage.read = total_of(stats.blkio.io_service_bytes_recursive, "Read");
  usage.written = total_of(stats.blkio.io_service_bytes_recursive, "Write");
  usage.processes = stats.pids.current;
  return usage;
}

void add_network(Usage& usage, std::string_view net_dev) {
  constexpr std::size_t kReceived = 0, kSent = 8, kFields = 16;
  while (!net_dev.empty()) {
    std::string_view line = net_dev.substr(0, net_dev.find('\n'));
    net_dev.remove_prefix(std::min(line.size() + 1, net_dev.size()));
    const std::size_t colon = line.rfind(':');  // a name may hold one
    if (colon == std::string_view::npos) continue;
    std::string_view name = line.substr(0, colon);
    name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
    if (name == "lo") continue;
    line.remove_prefix(colon + 1);
    std::array<std::uint64_t, kFields> fields{};
    for (std::uint64_t& field : fields) {
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
      const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), field);
      line.remove_prefix(static_cast<std::size_t>(end - line.data()));
    }
    usage.received += fields[kReceived];
    usage.sent += fields[kSent];
  }
}

Result<Usage> read_usage(const container::Inspection& running) {
  TRY(const auto cgroup, cgroup::Cgroup::reopen(running.record.cgroup));
  if (cgroup.empty()) return fail("container \"{}\" has no cgroup of its own", running.record.id);
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  TRY(const auto stats, cgroup.stats());
  Usage usage = usage_from(stats, machine_memory());
  usage.time = state::Nanoseconds{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  if (usage.processes == 0) {
    TRY(const auto pids, cgroup.processes());
    usage.processes = pids.size();
  }
  const pid_t pid = running.record.pid;
  if (!has_own_network(pid)) return usage;
  const auto devices = sys::read_file_at(AT_FDCWD, fmt::format("/proc/{}/net/dev", pid));
  if (devices) add_network(usage, *devices);
  return usage;
}

double cpu_percent(const Usage& before, const Usage& now) {
  if (now.time <= before.time || now.cpu <= before.cpu) return 0;
  return 100.0 * static_cast<double>(now.cpu - before.cpu) /
         static_cast<double>(now.time - before.time);
}

double memory_percent(const Usage& usage) {
  if (usage.memory_limit == 0) return 0;
  return 100.0 * static_cast<double>(usage.memory) / static_cast<double>(usage.memory_limit);
}

}  // namespace mycontainer::runtime::lifecycle
