// Reading members of foreign JSON. Private to rootfs/image: no exceptions, bounded depth.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/descriptor.h"

namespace mycontainer::rootfs::image {

using Json = nlohmann::json;

// An object of at most 4 MiB and 64 levels; `what` for the error.
Result<Json> parse_object(std::string_view text, std::string_view what);

// A list with the same bounds.
Result<Json> parse_list(std::string_view text, std::string_view what);

// A member, or nothing when it is missing or null.
const Json* member(const Json& object, const char* name);

// Each sets `value` when the member is there, and fails when it is of another type.
Result<void> take(const Json& object, const char* name, std::string& value);
Result<void> take(const Json& object, const char* name, bool& value);
Result<void> take(const Json& object, const char* name, std::int64_t& value);
Result<void> take(const Json& object, const char* name, std::vector<std::string>& value);
Result<void> take(const Json& object, const char* name, StringMap& value);
Result<void> take(const Json& object, const char* name, Digest& value);

}  // namespace mycontainer::rootfs::image
