// Checks of strings that several parts of validate() share. Private to runtime/oci.
#pragma once

#include <string>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::runtime::oci {

// None holds a NUL byte; `path` is where the list stands in the configuration.
Result<void> check_strings(const char* path, const std::vector<std::string>& strings);

// Each is NAME=VALUE.
Result<void> check_env(const char* path, const std::vector<std::string>& env);

}  // namespace mycontainer::runtime::oci
