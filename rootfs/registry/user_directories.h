// Where a user's own files are (XDG base directory specification). Any process.
#pragma once

#include <string>

namespace mycontainer::rootfs::registry {

// The value of an environment variable when it is an absolute path, else "".
std::string directory_variable(const char* name);
// "" when HOME is not set: the user has no files, then.
std::string home_directory();
// $XDG_CONFIG_HOME, else ~/.config.
std::string config_home();

}  // namespace mycontainer::rootfs::registry
