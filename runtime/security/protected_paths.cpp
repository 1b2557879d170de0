#include "runtime/security/protected_paths.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

namespace mycontainer::runtime::security {
namespace {

bool is_cpu_directory(std::string_view name) {
  return name.size() > 3 && name.substr(0, 3) == "cpu" &&
         std::all_of(name.begin() + 3, name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::vector<std::string> thermal_throttle_paths(const std::string& sysfs) {
  const std::string cpus = sysfs + "/devices/system/cpu/";
  std::vector<std::string> paths;
  // Either every processor has the directory or none: cpu0 cannot be taken offline on x86.
  if (::access((cpus + "cpu0/thermal_throttle").c_str(), F_OK) != 0) return paths;
  DIR* directory = ::opendir(cpus.c_str());
  if (directory == nullptr) return paths;
  while (const dirent* entry = ::readdir(directory)) {
    if (is_cpu_directory(entry->d_name))
      paths.push_back("/sys/devices/system/cpu/" + std::string(entry->d_name) +
                      "/thermal_throttle");
  }
  ::closedir(directory);
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace mycontainer::runtime::security
