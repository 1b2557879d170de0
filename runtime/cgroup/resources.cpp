#include "runtime/cgroup/resources.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "runtime/cgroup/resources_internal.h"

namespace mycontainer::runtime::cgroup {

namespace {

std::string device_number(std::int64_t major, std::int64_t minor) {
  return fmt::format("{}:{}", major, minor);
}

void add_pids(Settings& settings, std::int64_t limit) {
  if (limit == 0) return;
  settings.add("pids", "pids.max", number_or_max(limit), "--pids-limit");
}

Result<void> add_hugepages(Settings& settings, const std::vector<oci::HugepageLimit>& limits) {
  for (const oci::HugepageLimit& limit : limits) {
    // The size becomes part of a file name: "2MB", "1GB", "64KB".
    const std::string& size = limit.page_size;
    const std::size_t digits = size.find_first_not_of("0123456789");
    const std::string unit = digits == std::string::npos ? "" : size.substr(digits);
    if (digits == 0 || (unit != "KB" && unit != "MB" && unit != "GB")) {
      return fail("{}: \"{}\" is not a page size", settings.name("hugepage limit"), size);
    }
    const std::string end = settings.version == Version::kV1 ? "limit_in_bytes" : "max";
    const std::string value = std::to_string(limit.limit);
    settings.add("hugetlb", "hugetlb." + size + "." + end, value, "hugepage limit");
    settings.add("hugetlb", "hugetlb." + size + ".rsvd." + end, value, "hugepage limit");
    settings.list.back().if_present = true;  // since Linux 5.7
  }
  return {};
}

void add_rdma(Settings& settings, const std::map<std::string, oci::RdmaLimit>& limits) {
  for (const auto& [device, limit] : limits) {
    std::string value = device;
    if (limit.hca_handles) value += fmt::format(" hca_handle={}", *limit.hca_handles);
    if (limit.hca_objects) value += fmt::format(" hca_object={}", *limit.hca_objects);
    settings.add("rdma", "rdma.max", value, "rdma limit");
  }
}

void add_network(Settings& settings, const oci::NetworkResources& network) {
  if (network.class_id.value_or(0) != 0) {
    settings.add_v1_only("net_cls", "net_cls.classid", std::to_string(*network.class_id),
                         "network.classID");
  }
  for (const oci::InterfacePriority& entry : network.priorities) {
    settings.add_v1_only("net_prio", "net_prio.ifpriomap",
                         fmt::format("{} {}", entry.name, entry.priority), "network.priorities");
  }
}

// Weights are bfq's own scale, also in v2 (io.bfq.weight); io.weight is iocost's.
void add_weights(Settings& settings, const oci::BlockIo& io) {
  const bool v1 = settings.version == Version::kV1;
  if (io.weight.value_or(0) != 0) {
    const std::string same = std::to_string(*io.weight);
    settings.add("io", v1 ? "blkio.bfq.weight" : "io.bfq.weight", same, "--blkio-weight");
    settings.list.back().other_file = v1 ? "blkio.weight" : "io.weight";
    settings.list.back().other_value = v1 ? same : std::to_string(io_weight_of_blkio(*io.weight));
  }
  for (const oci::BlockIoDevice& device : io.weight_device) {
    if (device.weight.value_or(0) == 0) continue;
    const std::string number = device_number(device.major, device.minor);
    const std::string same = fmt::format("{} {}", number, *device.weight);
    settings.add("io", v1 ? "blkio.bfq.weight_device" : "io.bfq.weight", same,
                 "--blkio-weight-device");
    settings.list.back().other_file = v1 ? "blkio.weight_device" : "io.weight";
    settings.list.back().other_value =
        v1 ? same : fmt::format("{} {}", number, io_weight_of_blkio(*device.weight));
  }
  if (io.leaf_weight.value_or(0) != 0) {
    settings.add_v1_only("io", "blkio.leaf_weight", std::to_string(*io.leaf_weight),
                         "blockIO.leafWeight");
  }
  for (const oci::BlockIoDevice& device : io.weight_device) {
    if (device.leaf_weight.value_or(0) == 0) continue;
    settings.add_v1_only(
        "io", "blkio.leaf_weight_device",
        fmt::format("{} {}", device_number(device.major, device.minor), *device.leaf_weight),
        "blockIO.leafWeight");
  }
}

struct Throttle {
  const char *v1_file, *v2_key, *flag;
};

void add_throttle(Settings& settings, const std::vector<oci::BlockIoDevice>& devices,
                  const Throttle& throttle) {
  for (const oci::BlockIoDevice& device : devices) {
    const std::string number = device_number(device.major, device.minor);
    const std::uint64_t rate = device.rate.value_or(0);  // 0: no limit
    if (settings.version == Version::kV1) {
      settings.add("io", throttle.v1_file, fmt::format("{} {}", number, rate), throttle.flag);
    } else {
      const std::string value = rate == 0 ? "max" : std::to_string(rate);
      settings.add("io", "io.max", fmt::format("{} {}={}", number, throttle.v2_key, value),
                   throttle.flag);
    }
  }
}

void add_block_io(Settings& settings, const oci::BlockIo& io) {
  add_weights(settings, io);
  add_throttle(settings, io.throttle_read_bps_device,
               {"blkio.throttle.read_bps_device", "rbps", "--device-read-bps"});
  add_throttle(settings, io.throttle_write_bps_device,
               {"blkio.throttle.write_bps_device", "wbps", "--device-write-bps"});
  add_throttle(settings, io.throttle_read_iops_device,
               {"blkio.throttle.read_iops_device", "riops", "--device-read-iops"});
  add_throttle(settings, io.throttle_write_iops_device,
               {"blkio.throttle.write_iops_device", "wiops", "--device-write-iops"});
}

Result<void> add_unified(Settings& settings, const oci::StringMap& unified) {
  for (const auto& [file, value] : unified) {
    const std::size_t dot = file.find('.');
    if (dot == 0 || dot == std::string::npos || file.find('/') != std::string::npos) {
      return fail("{}: a file name is <controller>.<name>", settings.name("unified " + file));
    }
    // The core files move, kill and freeze processes and give controllers; two of them are limits.
    const std::string controller = file.substr(0, dot);
    const bool core_limit = file == "cgroup.max.depth" || file == "cgroup.max.descendants";
    if (controller == "cgroup" && !core_limit) {
      return fail("{}: not a limit", settings.name("unified " + file));
    }
    settings.list.push_back({.controller = controller == "cgroup" ? "" : controller,
                             .file = settings.version == Version::kV2 ? file : "",
                             .value = value,
                             .flag = settings.name("unified " + file)});
  }
  return {};
}

}  // namespace

std::uint64_t cpu_weight_of_shares(std::uint64_t shares) {
  if (shares == 0) return 0;
  if (shares <= 2) return 1;
  if (shares >= 262144) return 10000;
  // The quadratic in log2 through (2, 1), (1024, 100) and (262144, 10000).
  const double log = std::log2(static_cast<double>(shares));
  const double exponent = (log * log + 125 * log) / 612.0 - 7.0 / 34.0;
  return static_cast<std::uint64_t>(std::ceil(std::pow(10, exponent)));
}

std::uint64_t io_weight_of_blkio(std::uint64_t weight) {
  return 1 + (std::clamp<std::uint64_t>(weight, 10, 1000) - 10) * 9999 / 990;
}

bool is_unlimited(const Setting& setting) {
  return setting.value == "max" || setting.value == "-1" || setting.value.starts_with("max ");
}

Result<std::vector<Setting>> settings_of(const oci::Resources& resources, Version version,
                                         Naming naming) {
  Settings settings{version, naming, {}};
  if (resources.memory) TRY_VOID(add_memory(settings, *resources.memory));
  if (resources.cpu) add_cpu(settings, *resources.cpu);
  if (resources.pids_limit) add_pids(settings, *resources.pids_limit);
  if (resources.block_io) add_block_io(settings, *resources.block_io);
  TRY_VOID(add_hugepages(settings, resources.hugepage_limits));
  add_rdma(settings, resources.rdma);
  if (resources.network) add_network(settings, *resources.network);
  TRY_VOID(add_unified(settings, resources.unified));
  return std::move(settings.list);
}

Result<std::vector<Setting>> device_settings(const std::vector<oci::DeviceRule>& rules,
                                             Naming naming) {
  if (rules.empty()) return std::vector<Setting>();
  Settings settings{Version::kV1, naming, {}};
  settings.add("devices", "devices.deny", "a", "--device");
  for (const oci::DeviceRule& rule : rules) {
    const std::string type = rule.type.empty() ? "a" : rule.type;
    if (type != "a" && type != "c" && type != "b") return fail("device rule: type \"{}\"", type);
    if (rule.access.empty() || rule.access.find_first_not_of("rwm") != std::string::npos) {
      return fail("device rule: access \"{}\"", rule.access);
    }
    const auto number = [](const std::optional<std::int64_t>& value) {
      return !value || *value < 0 ? std::string("*") : std::to_string(*value);
    };
    settings.add(
        "devices", rule.allow ? "devices.allow" : "devices.deny",
        fmt::format("{} {}:{} {}", type, number(rule.major), number(rule.minor), rule.access),
        "--device");
  }
  return std::move(settings.list);
}

}  // namespace mycontainer::runtime::cgroup
