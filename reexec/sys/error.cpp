#include "reexec/sys/error.h"

#include <cstring>

namespace mycontainer::reexec::sys {

std::string errno_name(int code) {
  const char* name = ::strerrorname_np(code);
  return name != nullptr ? std::string(name) : std::to_string(code);
}

std::string Error::message() const {
  if (code == 0) return operation;
  const char* text = ::strerrordesc_np(code);
  return fmt::format("{}: {} ({})", operation, text != nullptr ? text : "unknown error",
                     errno_name(code));
}

}  // namespace mycontainer::reexec::sys
