// The list that resources.cpp fills, and its two longer chapters: memory and cpu.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/cgroup/resources.h"

namespace mycontainer::runtime::cgroup {

struct Settings {
  Version version;
  std::vector<Setting> list;

  void add(std::string controller, std::string file, std::string value, std::string flag) {
    list.push_back({std::move(controller), std::move(file), std::move(value), std::move(flag)});
  }
  // In v2 the setting has no file, which its user reports when the limit has to be kept there.
  void add_v1_only(std::string controller, std::string file, std::string value, std::string flag) {
    add(std::move(controller), version == Version::kV1 ? std::move(file) : std::string(),
        std::move(value), std::move(flag));
  }
};

// OCI writes "no limit" as a negative number; v2's files write it as "max".
inline std::string number_or_max(std::int64_t value) {
  return value < 0 ? "max" : std::to_string(value);
}

Result<void> add_memory(Settings& settings, const oci::Memory& memory);
void add_cpu(Settings& settings, const oci::Cpu& cpu);

}  // namespace mycontainer::runtime::cgroup
