#include <string_view>

#include "rootfs/layer/overlay.h"

namespace mycontainer::rootfs::layer {

namespace {

// The joined form, where a '\' protects the character after it.
std::vector<std::string> split_lower_directories(std::string_view joined) {
  std::vector<std::string> directories(1);
  for (std::size_t i = 0; i < joined.size(); ++i) {
    if (joined[i] == ':') {
      directories.emplace_back();
    } else {
      if (joined[i] == '\\' && i + 1 < joined.size()) ++i;
      directories.back().push_back(joined[i]);
    }
  }
  return directories;
}

}  // namespace

Result<OverlayRequest> parse_overlay_options(const std::vector<std::string>& options) {
  OverlayRequest request;
  for (const std::string& option : options) {
    const std::size_t equals = option.find('=');
    const std::string_view key = std::string_view(option).substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : option.substr(equals + 1);
    if (key == "lowerdir+") {
      request.lower.push_back(value);
    } else if (key == "lowerdir") {
      request.lower = split_lower_directories(value);
    } else if (key == "upperdir") {
      request.upper = value;
    } else if (key == "workdir") {
      request.work = value;
    } else if (option == "volatile") {
      request.volatile_writes = true;
    } else if (option == "userxattr") {
      request.user_xattr = true;
    } else {
      return fail("unknown overlay option \"{}\"", option);
    }
  }
  if (request.lower.empty()) return fail("an overlay needs a lowerdir");
  request.memory = request.upper.empty();
  return request;
}

}  // namespace mycontainer::rootfs::layer
