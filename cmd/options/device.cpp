#include <algorithm>

#include "cmd/options/mount_options.h"
#include "cmd/options/paths.h"

namespace mycontainer::cmd::options {
namespace {

// Some of "rwm", each at most once.
bool is_access(std::string_view text) {
  const auto allowed = [&](char c) {
    return std::string_view("rwm").find(c) != std::string_view::npos &&
           std::ranges::count(text, c) == 1;
  };
  return !text.empty() && std::ranges::all_of(text, allowed);
}

Result<std::string> device_path(std::string_view path, std::string_view value) {
  if (path.empty()) return fail("bad format for path: {}", value);
  if (!path.starts_with('/')) return fail("{} is not an absolute path", path);
  return clean_path(path);
}

}  // namespace

Result<void> add_device(RunDraft& draft, std::string_view value) {
  runtime::engine::DeviceRequest device;
  const std::size_t first = value.find(':');
  const std::string_view host_path = value.substr(0, first);
  std::string_view path = host_path;
  if (first != std::string_view::npos) {
    const std::string_view rest = value.substr(first + 1);
    const std::size_t second = rest.find(':');
    const bool access_only = second == std::string_view::npos && is_access(rest);
    if (!access_only) path = rest.substr(0, second);
    if (second != std::string_view::npos) device.access = rest.substr(second + 1);
    if (access_only) device.access = rest;
  }
  if (!is_access(device.access)) return fail("bad mode specified: {}", device.access);
  TRY(device.host_path, device_path(host_path, value));
  TRY(device.container_path, device_path(path, value));
  draft.request.devices.push_back(std::move(device));
  return {};
}

}  // namespace mycontainer::cmd::options
