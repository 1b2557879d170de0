#include "cmd/options/limit_options.h"

#include <algorithm>
#include <cctype>
#include <limits>

#include "cmd/options/values.h"

namespace mycontainer::cmd::options {
namespace {

constexpr std::int64_t kMinimumMemory = 6 << 20;
constexpr std::uint64_t kCpuPeriod = 100'000;  // microseconds
constexpr std::int64_t kNanosPerCpu = 1'000'000'000;
constexpr std::int64_t kMinimumNanoCpus = kNanosPerCpu / 100;
constexpr std::int64_t kMinimumCpuTime = 1'000, kMaximumCpuPeriod = 1'000'000;  // microseconds
constexpr std::size_t kMaxCpuFractionDigits = 9;
constexpr unsigned kMaxCpuOrNode = 8191;  // CONFIG_NR_CPUS' largest

runtime::oci::Memory& memory(RunDraft& draft) {
  auto& memory = draft.request.resources.memory;
  if (!memory) memory.emplace();
  return *memory;
}

runtime::oci::Cpu& cpu(RunDraft& draft) {
  auto& cpu = draft.request.resources.cpu;
  if (!cpu) cpu.emplace();
  return *cpu;
}

Result<std::optional<std::int64_t>> parse_memory(std::string_view value, std::string_view what) {
  TRY(const std::int64_t bytes, parse_size(value));
  if (bytes == 0) return std::nullopt;
  if (bytes < kMinimumMemory) return fail("Minimum memory {} allowed is 6MB", what);
  return bytes;
}

// A decimal as billionths, without the rounding of floating point.
Result<std::int64_t> parse_nano_cpus(std::string_view value) {
  const std::size_t point = value.find('.');
  std::string fraction(point == std::string_view::npos ? "" : value.substr(point + 1));
  while (fraction.ends_with('0')) fraction.pop_back();
  if (fraction.size() > kMaxCpuFractionDigits) return fail("value is too precise");
  fraction.resize(kMaxCpuFractionDigits, '0');
  const std::string_view digits = value.substr(0, point);
  const auto whole = parse_integer<std::uint32_t>(digits.empty() ? "0" : digits);
  const auto nanos = parse_integer<std::uint32_t>(fraction);
  if (value.empty() || value == "." || !whole || !nanos) return fail("not a decimal number");
  return *whole * kNanosPerCpu + *nanos;
}

// "0-2,4" as the kernel's cpuset(7) list format has it.
Result<void> check_list(std::string_view value, std::string_view what) {
  while (true) {
    const std::string_view range = value.substr(0, value.find(','));
    const std::size_t dash = range.find('-');
    const auto first = parse_integer<unsigned>(range.substr(0, dash));
    const auto last =
        dash == std::string_view::npos ? first : parse_integer<unsigned>(range.substr(dash + 1));
    if (!first || !last || *first > *last || *last > kMaxCpuOrNode) {
      return fail("Invalid value {} for cpuset {}", range, what);
    }
    if (range.size() == value.size()) return {};
    value.remove_prefix(range.size() + 1);
  }
}

}  // namespace

Result<void> set_memory(RunDraft& draft, std::string_view value) {
  TRY(memory(draft).limit, parse_memory(value, "limit"));
  return {};
}

Result<void> set_memory_reservation(RunDraft& draft, std::string_view value) {
  TRY(memory(draft).reservation, parse_memory(value, "reservation"));
  return {};
}

Result<void> set_memory_swap(RunDraft& draft, std::string_view value) {
  if (value == "-1") {
    memory(draft).swap = -1;
    return {};
  }
  TRY(const std::int64_t bytes, parse_size(value));
  memory(draft).swap.reset();
  if (bytes > 0) memory(draft).swap = bytes;
  return {};
}

Result<void> set_cpus(RunDraft& draft, std::string_view value) {
  TRY(const std::int64_t nanos, parse_nano_cpus(value));
  cpu(draft).quota.reset();
  cpu(draft).period.reset();
  if (nanos == 0) return {};
  if (nanos < kMinimumNanoCpus) return fail("at least 0.01 CPUs are needed");
  cpu(draft).period = kCpuPeriod;
  cpu(draft).quota = nanos / (kNanosPerCpu / static_cast<std::int64_t>(kCpuPeriod));
  return {};
}

Result<void> set_memory_swappiness(RunDraft& draft, std::string_view value) {
  constexpr std::int64_t kMost = 100;
  TRY(const auto swappiness, parse_integer<std::int64_t>(value));
  if (swappiness == -1) return {};
  if (swappiness < 0 || swappiness > kMost) return fail("valid range is 0-100");
  memory(draft).swappiness = static_cast<std::uint64_t>(swappiness);
  return {};
}

Result<void> set_oom_kill_disable(RunDraft& draft, std::string_view value) {
  TRY(const bool disable, parse_bool(value));
  if (disable) memory(draft).disable_oom_killer = true;
  return {};
}

Result<void> set_cpu_period(RunDraft& draft, std::string_view value) {
  TRY(const std::int64_t period, parse_integer<std::int64_t>(value));
  if (period != 0 && (period < kMinimumCpuTime || period > kMaximumCpuPeriod)) {
    return fail("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s");
  }
  cpu(draft).period.reset();
  if (period > 0) cpu(draft).period = static_cast<std::uint64_t>(period);
  return {};
}

Result<void> set_cpu_quota(RunDraft& draft, std::string_view value) {
  TRY(const std::int64_t quota, parse_integer<std::int64_t>(value));
  if (quota > 0 && quota < kMinimumCpuTime) {
    return fail("CPU cfs quota can not be less than 1ms (i.e. 1000)");
  }
  cpu(draft).quota.reset();
  if (quota != 0) cpu(draft).quota = quota < 0 ? -1 : quota;
  return {};
}

Result<void> set_cpu_shares(RunDraft& draft, std::string_view value) {
  TRY(const std::int64_t shares, parse_integer<std::int64_t>(value));
  if (shares < 0) return fail("invalid CPU shares ({}): value must be a positive integer", shares);
  cpu(draft).shares.reset();
  if (shares > 0) cpu(draft).shares = static_cast<std::uint64_t>(shares);
  return {};
}

Result<void> set_cpuset_cpus(RunDraft& draft, std::string_view value) {
  if (!value.empty()) TRY_VOID(check_list(value, "cpus"));
  cpu(draft).cpus = value;
  return {};
}

Result<void> set_cpuset_mems(RunDraft& draft, std::string_view value) {
  if (!value.empty()) TRY_VOID(check_list(value, "mems"));
  cpu(draft).mems = value;
  return {};
}

Result<void> set_pids_limit(RunDraft& draft, std::string_view value) {
  TRY(const std::int64_t limit, parse_integer<std::int64_t>(value));
  if (limit < -1) return fail("a number of processes, or -1 for unlimited");
  draft.request.resources.pids_limit = limit == 0 ? -1 : limit;
  return {};
}

Result<void> set_blkio_weight(RunDraft& draft, std::string_view value) {
  TRY(const std::uint16_t weight, parse_integer<std::uint16_t>(value));
  if (weight != 0 && (weight < 10 || weight > 1000)) {
    return fail("Range of blkio weight is from 10 to 1000");
  }
  draft.request.resources.block_io.reset();
  if (weight != 0) draft.request.resources.block_io.emplace().weight = weight;
  return {};
}

Result<void> set_oom_score_adj(RunDraft& draft, std::string_view value) {
  TRY(const int score, parse_integer<int>(value));
  if (score < -1000 || score > 1000) {
    return fail("Invalid value {}, range for oom score adj is [-1000, 1000]", score);
  }
  draft.request.oom_score_adj = score;
  return {};
}

Result<void> set_shm_size(RunDraft& draft, std::string_view value) {
  TRY(const std::int64_t bytes, parse_size(value));
  draft.request.shm_size.reset();
  if (bytes > 0) draft.request.shm_size = static_cast<std::uint64_t>(bytes);
  return {};
}

Result<void> set_cgroup_parent(RunDraft& draft, std::string_view value) {
  std::string_view rest = value;
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    if (part == "." || part == "..") return fail("a cgroup's path has no \".\" or \"..\"");
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  }
  draft.request.cgroup_parent = value;
  return {};
}

Result<void> check_limits(RunDraft& draft) {
  auto& asked = draft.request.resources.memory;
  if (!asked) return {};
  const bool swap_limit = asked->swap.value_or(0) > 0;
  if (!asked->limit && swap_limit) {
    return fail("You should always set the Memory limit when using Memoryswap limit, see usage");
  }
  if (asked->limit && swap_limit && *asked->swap < *asked->limit) {
    return fail("Minimum memoryswap limit should be larger than memory limit, see usage");
  }
  if (asked->limit && asked->reservation && *asked->limit < *asked->reservation) {
    return fail("Minimum memory limit can not be less than memory reservation limit, see usage");
  }
  if (asked->limit && !asked->swap && *asked->limit <= std::numeric_limits<std::int64_t>::max() / 2)
    asked->swap = *asked->limit * 2;
  const bool other = asked->swappiness || asked->disable_oom_killer;
  if (!asked->limit && !asked->swap && !asked->reservation && !other) asked.reset();
  return {};
}

}  // namespace mycontainer::cmd::options
