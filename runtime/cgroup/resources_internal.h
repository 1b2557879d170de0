// The list that resources.cpp fills, and its two longer chapters: memory and cpu.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/cgroup/resources.h"

namespace mycontainer::runtime::cgroup {

// What an error calls the limit of `flag`: the flag or the JSON property.
std::string limit_name(std::string_view flag, Naming naming);

struct Settings {
  Version version;
  Naming naming;
  std::vector<Setting> list;

  [[nodiscard]] std::string name(std::string_view flag) const { return limit_name(flag, naming); }

  void add(std::string controller, std::string file, std::string value, std::string_view flag) {
    list.push_back({std::move(controller), std::move(file), std::move(value), name(flag)});
  }
  // In v2 the setting has no file, which its user reports when the limit has to be kept there.
  void add_v1_only(std::string controller, std::string file, std::string value,
                   std::string_view flag) {
    add(std::move(controller), version == Version::kV1 ? std::move(file) : std::string(),
        std::move(value), flag);
  }
};

// OCI writes "no limit" as a negative number; v2's files write it as "max".
inline std::string number_or_max(std::int64_t value) {
  return value < 0 ? "max" : std::to_string(value);
}

Result<void> add_memory(Settings& settings, const oci::Memory& memory);
void add_cpu(Settings& settings, const oci::Cpu& cpu);

}  // namespace mycontainer::runtime::cgroup
