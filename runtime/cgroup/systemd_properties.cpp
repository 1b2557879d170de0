#include "runtime/cgroup/systemd_properties.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

#include "runtime/cgroup/cpuset.h"
#include "runtime/cgroup/stats_files.h"

namespace mycontainer::runtime::cgroup {

namespace {

constexpr std::uint64_t kMicrosecondsPerSecond = 1000000;
constexpr std::uint64_t kPercent = kMicrosecondsPerSecond / 100;

struct Counterpart {
  std::string_view file;
  const char* property;
};

constexpr Counterpart kNumbers[] = {
    {"memory.max", "MemoryMax"},
    {"memory.high", "MemoryHigh"},
    {"memory.low", "MemoryLow"},
    {"memory.min", "MemoryMin"},
    {"memory.swap.max", "MemorySwapMax"},
    {"cpu.weight", "CPUWeight"},
    {"io.weight", "IOWeight"},
    {"pids.max", "TasksMax"},
};
constexpr Counterpart kSets[] = {{"cpuset.cpus", "AllowedCPUs"},
                                 {"cpuset.mems", "AllowedMemoryNodes"}};

template <std::size_t count>
const Counterpart* find(const Counterpart (&table)[count], std::string_view file) {
  const auto* const found = std::ranges::find(table, file, &Counterpart::file);
  return found == std::end(table) ? nullptr : found;
}

Failure no_value(const Setting& setting) {
  return fail("{}: \"{}\" is not a value of {}", setting.flag, setting.value, setting.file);
}

// "50000 100000", "max 100000", "50000"
Result<void> add_bandwidth(const Setting& setting, std::vector<UnitProperty>& properties) {
  const auto words = words_of(setting.value);
  const auto quota = words.empty() ? std::nullopt : parse_count(words[0]);
  const auto period = words.size() < 2 ? std::nullopt : parse_count(words[1]);
  if (!quota || words.size() > 2 || (words.size() == 2 && period.value_or(0) == 0)) {
    return no_value(setting);
  }
  constexpr std::uint64_t kDefaultPeriod = 100000;  // microseconds, the kernel's own
  std::uint64_t per_second = kNoLimit;
  if (*quota != kNoLimit) {
    const double share =
        static_cast<double>(*quota) / static_cast<double>(period.value_or(kDefaultPeriod));
    const auto exact =
        static_cast<std::uint64_t>(share * static_cast<double>(kMicrosecondsPerSecond));
    per_second = (exact + kPercent - 1) / kPercent * kPercent;
  }
  properties.push_back({"CPUQuotaPerSecUSec", per_second});
  if (period) properties.push_back({"CPUQuotaPeriodUSec", *period});
  return {};
}

Result<void> add_property(const Setting& setting, std::vector<UnitProperty>& properties) {
  if (setting.file == "cpu.max") return add_bandwidth(setting, properties);
  if (const Counterpart* number = find(kNumbers, setting.file)) {
    const auto words = words_of(setting.value);
    const auto value = words.size() == 1 ? parse_count(words[0]) : std::nullopt;
    if (setting.file == "io.weight" && !value) return {};  // a device's own weight
    if (!value) return no_value(setting);
    properties.push_back({number->property, *value});
  } else if (const Counterpart* set = find(kSets, setting.file)) {
    auto bits = bits_of(setting.value);
    if (!bits) return within(setting.flag, std::move(bits).error());
    properties.push_back({set->property, std::move(*bits)});
  }
  return {};
}

}  // namespace

Result<std::vector<std::uint8_t>> bits_of(std::string_view list) {
  TRY(const std::vector<unsigned> numbers, parse_number_list(list));
  std::vector<std::uint8_t> bits;
  for (const unsigned number : numbers) {
    if (bits.size() <= number / 8) bits.resize(number / 8 + 1);
    bits[number / 8] = static_cast<std::uint8_t>(bits[number / 8] | 1u << number % 8);
  }
  return bits;
}

Result<std::vector<UnitProperty>> properties_of(const std::vector<Setting>& settings) {
  std::vector<UnitProperty> properties;
  for (const Setting& setting : settings) TRY_VOID(add_property(setting, properties));
  return properties;
}

}  // namespace mycontainer::runtime::cgroup
