// Source: cgroup-v2.rst; how v2's numbers stand for v1's is runc's choice
// (libcontainer/cgroups/fs2), so that clients see the same on both.
#include "runtime/cgroup/stats_files.h"

namespace mycontainer::runtime::cgroup {

namespace {

constexpr std::uint64_t kNanosecondsPerMicrosecond = 1000;

void add_cpu(const Leaf& leaf, CpuStats& cpu) {
  const auto counts = read_counts(leaf, "cpu.stat");
  cpu.psi = parse_pressure(read_text(leaf, "cpu.pressure"));
  cpu.usage.total = at(counts, "usage_usec") * kNanosecondsPerMicrosecond;
  cpu.usage.user = at(counts, "user_usec") * kNanosecondsPerMicrosecond;
  cpu.usage.kernel = at(counts, "system_usec") * kNanosecondsPerMicrosecond;
  cpu.throttling = {at(counts, "nr_periods"), at(counts, "nr_throttled"),
                    at(counts, "throttled_usec") * kNanosecondsPerMicrosecond};
}

void add_cpuset(const Leaf& leaf, CpusetStats& cpuset) {
  const std::string cpus = read_text(leaf, "cpuset.cpus.effective");
  if (cpus.empty()) return;
  cpuset.cpus = parse_cpu_list(cpus);
  cpuset.mems = parse_cpu_list(read_text(leaf, "cpuset.mems.effective"));
}

// As v1 counts: together with memory.
MemoryEntry swap_with_memory(const Leaf& leaf, const MemoryEntry& memory) {
  MemoryEntry swap;
  const std::string limit = read_text(leaf, "memory.swap.max");
  if (limit.empty()) return swap;  // no accounting of swap here
  swap.limit = read_count(leaf, "memory.swap.max");
  swap.usage = read_count(leaf, "memory.swap.current") + memory.usage;
  swap.max = read_count(leaf, "memory.swap.peak");
  swap.failcnt = at(read_counts(leaf, "memory.swap.events"), "fail");
  const bool limited = swap.limit != kNoLimit && memory.limit != kNoLimit;
  swap.limit = limited ? swap.limit + memory.limit : kNoLimit;
  return swap;
}

void add_memory(const Leaf& leaf, MemoryStats& memory) {
  memory.psi = parse_pressure(read_text(leaf, "memory.pressure"));
  auto counts = read_counts(leaf, "memory.stat");
  if (counts.empty()) return;  // the controller is not given
  const auto events = read_counts(leaf, "memory.events");
  memory.usage = {read_count(leaf, "memory.max"), read_count(leaf, "memory.current"),
                  read_count(leaf, "memory.peak"), at(events, "max")};
  memory.swap = swap_with_memory(leaf, memory.usage);
  memory.cache = at(counts, "file");
  memory.kernel.usage = at(counts, "kernel");
  memory.kernel_tcp.usage = at(counts, "sock");
  memory.events = {at(events, "low"), at(events, "high"),     at(events, "max"),
                   at(events, "oom"), at(events, "oom_kill"), at(events, "oom_group_kill")};
  memory.raw = std::move(counts);
}

void add_pids(const Leaf& leaf, PidsStats& pids) {
  if (read_text(leaf, "pids.current").empty()) return;
  pids.current = read_count(leaf, "pids.current");
  const std::uint64_t limit = read_count(leaf, "pids.max");
  pids.limit = limit == kNoLimit ? 0 : limit;
}

// "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6"
void add_io_line(std::string_view line, BlkioStats& blkio) {
  struct Key {
    std::string_view key;
    const char* op;
    std::vector<BlkioEntry>& list;
  };
  const Key keys[] = {{"rbytes=", "Read", blkio.io_service_bytes_recursive},
                      {"wbytes=", "Write", blkio.io_service_bytes_recursive},
                      {"rios=", "Read", blkio.io_serviced_recursive},
                      {"wios=", "Write", blkio.io_serviced_recursive}};
  const auto words = words_of(line);
  for (const std::string_view word : words) {
    for (const Key& key : keys) {
      if (!word.starts_with(key.key)) continue;
      const std::string entry =
          fmt::format("{} {} {}", words[0], key.op, word.substr(key.key.size()));
      for (BlkioEntry& parsed : parse_blkio(entry)) key.list.push_back(std::move(parsed));
    }
  }
}

void add_hugetlb(const Leaf& leaf, std::map<std::string, HugetlbStats>& hugetlb) {
  for (const std::string& size : page_sizes(leaf, ".current")) {
    const std::string prefix = "hugetlb." + size;
    const bool reserved = !read_text(leaf, prefix + ".rsvd.current").empty();
    hugetlb[size] = {read_count(leaf, prefix + (reserved ? ".rsvd.current" : ".current")), 0,
                     at(read_counts(leaf, prefix + ".events"), "max")};
  }
}

}  // namespace

void add_v2_stats(const Leaf& leaf, Stats& stats) {
  add_cpu(leaf, stats.cpu);
  add_cpuset(leaf, stats.cpuset);
  add_memory(leaf, stats.memory);
  add_pids(leaf, stats.pids);
  stats.blkio.psi = parse_pressure(read_text(leaf, "io.pressure"));
  for_each_line(read_text(leaf, "io.stat"),
                [&](std::string_view line) { add_io_line(line, stats.blkio); });
  add_hugetlb(leaf, stats.hugetlb);
  if (const std::string current = read_text(leaf, "rdma.current"); !current.empty()) {
    stats.rdma = {parse_rdma(current), parse_rdma(read_text(leaf, "rdma.max"))};
  }
}

}  // namespace mycontainer::runtime::cgroup
