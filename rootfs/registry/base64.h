// Base64 (RFC 4648, section 4). Any process; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mycontainer::rootfs::registry {

std::string to_base64(std::string_view bytes);
// Nothing when it is none; the padding may be missing.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace mycontainer::rootfs::registry
