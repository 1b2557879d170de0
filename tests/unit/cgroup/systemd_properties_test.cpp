#include "runtime/cgroup/systemd_properties.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace mycontainer::runtime::cgroup {
namespace {

struct Shown {
  std::string operator()(bool value) const { return value ? "yes" : "no"; }
  std::string operator()(std::uint64_t value) const {
    return value == UINT64_MAX ? "infinity" : std::to_string(value);
  }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const std::vector<std::string>& values) const {
    return std::to_string(values.size());
  }
  template <class T>
  std::string operator()(const std::vector<T>& values) const {
    std::string text;
    for (const T value : values) text += fmt::format("{:02x}", value);
    return text;
  }
};

std::string shown(const oci::Resources& resources) {
  const auto settings = settings_of(resources, Version::kV2, Naming::kProperties);
  if (!settings) return settings.error().message();
  const auto properties = properties_of(*settings);
  if (!properties) return properties.error().message();
  std::string text;
  for (const UnitProperty& property : *properties) {
    text += property.name + "=" + std::visit(Shown(), property.value) + " ";
  }
  return text;
}

oci::Resources bandwidth(std::int64_t quota, std::uint64_t period) {
  oci::Resources resources;
  resources.cpu.emplace();
  resources.cpu->quota = quota;
  resources.cpu->period = period;
  return resources;
}

TEST(UnitProperties, StandForTheLimitsThatSystemdKnows) {
  oci::Resources resources;
  resources.memory.emplace();
  resources.memory->limit = 1000;
  resources.memory->swap = 3000;
  resources.memory->reservation = 500;
  resources.pids_limit = -1;
  resources.cpu.emplace();
  resources.cpu->shares = 1024;
  resources.cpu->cpus = "0-2,8";
  resources.unified["memory.high"] = "700";
  EXPECT_EQ(shown(resources),
            "MemoryMax=1000 MemorySwapMax=2000 MemoryLow=500 CPUWeight=100 AllowedCPUs=0701 "
            "TasksMax=infinity MemoryHigh=700 ");
}

TEST(UnitProperties, RoundTheQuotaUpToWholePercents) {
  EXPECT_EQ(shown(bandwidth(50000, 100000)),
            "CPUQuotaPerSecUSec=500000 CPUQuotaPeriodUSec=100000 ");
  EXPECT_EQ(shown(bandwidth(12345, 100000)),
            "CPUQuotaPerSecUSec=130000 CPUQuotaPeriodUSec=100000 ");
  EXPECT_EQ(shown(bandwidth(-1, 100000)), "CPUQuotaPerSecUSec=infinity CPUQuotaPeriodUSec=100000 ");
}

TEST(UnitProperties, LeaveOutWhatSystemdDoesNotKnow) {
  oci::Resources resources;
  resources.hugepage_limits = {{"2MB", 1}};
  resources.unified["memory.oom.group"] = "1";
  EXPECT_EQ(shown(resources), "");
}

TEST(UnitProperties, OfAValueThatIsNoneNameItsLimit) {
  oci::Resources resources;
  resources.unified["pids.max"] = "many";
  EXPECT_EQ(shown(resources),
            "linux.resources.unified[\"pids.max\"]: \"many\" is not a value of pids.max");
  resources.unified = {{"cpu.max", "1 0"}};
  EXPECT_EQ(shown(resources),
            "linux.resources.unified[\"cpu.max\"]: \"1 0\" is not a value of cpu.max");
}

TEST(Bits, AreLowestFirst) {
  EXPECT_EQ(bits_of("0,9-10").value(), (std::vector<std::uint8_t>{1, 6}));
  EXPECT_FALSE(bits_of("a"));
}

}  // namespace
}  // namespace mycontainer::runtime::cgroup
