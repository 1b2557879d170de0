// Source: Documentation/admin-guide/cgroup-v1; which file stands for what is runc's choice
// (libcontainer/cgroups/fs).
#include <unistd.h>

#include "runtime/cgroup/stats_files.h"

namespace mycontainer::runtime::cgroup {

namespace {

void add_cpu(const Leaf& leaf, CpuStats& cpu) {
  const auto counts = read_counts(leaf, "cpu.stat");
  cpu.throttling = {at(counts, "nr_periods"), at(counts, "nr_throttled"),
                    at(counts, "throttled_time")};
}

// cpuacct.usage_all: "cpu user system", then a line for each processor.
void add_usage_by_processor(const Leaf& leaf, CpuStats::Usage& usage) {
  const std::string total = read_text(leaf, "cpuacct.usage_percpu");
  for (const std::string_view word : words_of(total)) {
    if (const auto count = parse_count(word)) usage.percpu.push_back(*count);
  }
  for_each_line(read_text(leaf, "cpuacct.usage_all"), [&](std::string_view line) {
    const auto words = words_of(line);
    if (words.size() != 3 || !parse_count(words[0])) return;
    usage.percpu_user.push_back(parse_count(words[1]).value_or(0));
    usage.percpu_kernel.push_back(parse_count(words[2]).value_or(0));
  });
}

void add_cpuacct(const Leaf& leaf, CpuStats::Usage& usage) {
  usage.total = read_count(leaf, "cpuacct.usage");
  usage.kernel = read_count(leaf, "cpuacct.usage_sys");
  usage.user = read_count(leaf, "cpuacct.usage_user");
  if (usage.kernel == 0 && usage.user == 0) {  // before Linux 4.6: in clock ticks
    constexpr std::uint64_t kNanosecondsPerSecond = 1000000000;
    const std::uint64_t tick =
        kNanosecondsPerSecond / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    const auto counts = read_counts(leaf, "cpuacct.stat");
    usage.kernel = at(counts, "system") * tick;
    usage.user = at(counts, "user") * tick;
  }
  add_usage_by_processor(leaf, usage);
}

void add_cpuset(const Leaf& leaf, CpusetStats& cpuset) {
  cpuset.cpus = parse_cpu_list(read_text(leaf, "cpuset.cpus"));
  cpuset.mems = parse_cpu_list(read_text(leaf, "cpuset.mems"));
  cpuset.cpu_exclusive = read_count(leaf, "cpuset.cpu_exclusive");
  cpuset.mem_hardwall = read_count(leaf, "cpuset.mem_hardwall");
  cpuset.mem_exclusive = read_count(leaf, "cpuset.mem_exclusive");
  cpuset.memory_migrate = read_count(leaf, "cpuset.memory_migrate");
  cpuset.memory_spread_page = read_count(leaf, "cpuset.memory_spread_page");
  cpuset.memory_spread_slab = read_count(leaf, "cpuset.memory_spread_slab");
  cpuset.memory_pressure = read_count(leaf, "cpuset.memory_pressure");
  cpuset.sched_load_balance = read_count(leaf, "cpuset.sched_load_balance");
  const std::string level = read_text(leaf, "cpuset.sched_relax_domain_level");
  cpuset.sched_relax_domain_level =
      level.starts_with('-')
          ? -1
          : static_cast<std::int64_t>(read_count(leaf, "cpuset.sched_relax_domain_level"));
}

MemoryEntry memory_entry(const Leaf& leaf, const std::string& prefix) {
  return {read_count(leaf, prefix + ".limit_in_bytes"),
          read_count(leaf, prefix + ".usage_in_bytes"),
          read_count(leaf, prefix + ".max_usage_in_bytes"), read_count(leaf, prefix + ".failcnt")};
}

void add_memory(const Leaf& leaf, MemoryStats& memory) {
  memory.raw = read_counts(leaf, "memory.stat");
  memory.cache = at(memory.raw, "cache");
  memory.usage = memory_entry(leaf, "memory");
  memory.swap = memory_entry(leaf, "memory.memsw");
  memory.kernel = memory_entry(leaf, "memory.kmem");
  memory.kernel_tcp = memory_entry(leaf, "memory.kmem.tcp");
  memory.events.oom_kill = at(read_counts(leaf, "memory.oom_control"), "oom_kill");
}

void add_pids(const Leaf& leaf, PidsStats& pids) {
  pids.current = read_count(leaf, "pids.current");
  const std::uint64_t limit = read_count(leaf, "pids.max");
  pids.limit = limit == kNoLimit ? 0 : limit;
}

// bfq counts only what goes through it, the throttling layer everything that reaches a disk.
std::vector<BlkioEntry> blkio_list(const Leaf& leaf, const std::string& name) {
  for (const char* source : {"blkio.bfq.", "blkio.", "blkio.throttle."}) {
    auto entries = parse_blkio(read_text(leaf, source + name + "_recursive"));
    if (!entries.empty()) return entries;
  }
  return {};
}

void add_blkio(const Leaf& leaf, BlkioStats& blkio) {
  blkio.io_service_bytes_recursive = blkio_list(leaf, "io_service_bytes");
  blkio.io_serviced_recursive = blkio_list(leaf, "io_serviced");
  blkio.io_queued_recursive = blkio_list(leaf, "io_queued");
  blkio.io_service_time_recursive = blkio_list(leaf, "io_service_time");
  blkio.io_wait_time_recursive = blkio_list(leaf, "io_wait_time");
  blkio.io_merged_recursive = blkio_list(leaf, "io_merged");
  blkio.io_time_recursive = blkio_list(leaf, "time");
  blkio.sectors_recursive = blkio_list(leaf, "sectors");
}

void add_hugetlb(const Leaf& leaf, std::map<std::string, HugetlbStats>& hugetlb) {
  for (const std::string& size : page_sizes(leaf, ".usage_in_bytes")) {
    const std::string plain = "hugetlb." + size;
    const bool reserved = !read_text(leaf, plain + ".rsvd.usage_in_bytes").empty();
    const std::string prefix = reserved ? plain + ".rsvd" : plain;
    hugetlb[size] = {read_count(leaf, prefix + ".usage_in_bytes"),
                     read_count(leaf, prefix + ".max_usage_in_bytes"),
                     read_count(leaf, prefix + ".failcnt")};
  }
}

}  // namespace

void add_v1_stats(const Leaf& leaf, Stats& stats) {
  if (uses(leaf, "cpu")) add_cpu(leaf, stats.cpu);
  if (uses(leaf, "cpuacct")) add_cpuacct(leaf, stats.cpu.usage);
  if (uses(leaf, "cpuset")) add_cpuset(leaf, stats.cpuset);
  if (uses(leaf, "memory")) add_memory(leaf, stats.memory);
  if (uses(leaf, "pids")) add_pids(leaf, stats.pids);
  if (uses(leaf, "blkio")) add_blkio(leaf, stats.blkio);
  if (uses(leaf, "hugetlb")) add_hugetlb(leaf, stats.hugetlb);
  if (uses(leaf, "rdma")) {
    stats.rdma = {parse_rdma(read_text(leaf, "rdma.current")),
                  parse_rdma(read_text(leaf, "rdma.max"))};
  }
}

}  // namespace mycontainer::runtime::cgroup
