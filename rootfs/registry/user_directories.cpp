#include "rootfs/registry/user_directories.h"

#include <cstdlib>

namespace mycontainer::rootfs::registry {

std::string directory_variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value == '/' ? value : "";
}

std::string home_directory() { return directory_variable("HOME"); }

std::string config_home() {
  if (std::string chosen = directory_variable("XDG_CONFIG_HOME"); !chosen.empty()) return chosen;
  const std::string home = home_directory();
  return home.empty() ? "" : home + "/.config";
}

}  // namespace mycontainer::rootfs::registry
