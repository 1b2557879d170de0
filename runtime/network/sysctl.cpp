#include "runtime/network/sysctl.h"

#include <fcntl.h>

#include <algorithm>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::network {

namespace {

std::string path_of(const std::string& name) { return "/proc/sys/net/" + name; }

// A device's name may have dots, which sysctl(8) has as slashes.
std::string dotted(std::string name) {
  std::ranges::for_each(name, [](char& c) { c = c == '/' ? '.' : c == '.' ? '/' : c; });
  return "net." + name;
}

}  // namespace

Result<std::string> read_sysctl(const std::string& name) {
  TRY(std::string text, sys::read_file_at(AT_FDCWD, path_of(name)));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

Result<void> set_sysctl(const std::string& name, std::string_view value) {
  const auto present = read_sysctl(name);
  if (present && *present == value) return {};
  auto written = sys::write_file_at(AT_FDCWD, path_of(name), value);
  if (written) return {};
  Error error = std::move(written).error();
  error.operation = fmt::format("set {}={}", dotted(name), value);
  if (error.code == EROFS) error.hint = "/proc/sys is read-only here: set it on the host";
  return Failure(std::move(error));
}

Result<void> set_sysctl_if_there(const std::string& name, std::string_view value) {
  auto set = set_sysctl(name, value);
  if (!set && set.error().code == ENOENT) return {};
  return set;
}

}  // namespace mycontainer::runtime::network
