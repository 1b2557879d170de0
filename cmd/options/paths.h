// A host path as the caller means it.
#pragma once

#include <string>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::cmd::options {

// The path itself when absolute, else below the caller's working directory; "." and ".." are
// resolved as text, as Docker's client does, and a trailing "/" is dropped.
Result<std::string> absolute_path(std::string_view path);

// "." and ".." resolved as text, doubled and trailing slashes dropped; for an absolute path.
std::string clean_path(std::string_view path);

}  // namespace mycontainer::cmd::options
