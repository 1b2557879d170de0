// What a registry's answers say beside their content: errors, ranges, links. Pure; hostile text.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "rootfs/registry/http.h"

namespace mycontainer::rootfs::registry {

// The registry's own words (distribution-spec, "Error Codes"): "manifest unknown: manifest unknown"; for
// an answer without any: "unexpected status 502 Bad Gateway". `code` is EACCES for 401 and 403,
// ENOENT for 404.
Error error_of(const Response& response);

// Of "Content-Range: bytes 5-9/10" the 5.
std::optional<std::uint64_t> range_begin(std::string_view content_range);
// Of "Range: 0-9" (of an upload) the 10; 0 for "0-0", which means nothing or one byte: nobody knows.
std::uint64_t range_end(std::string_view range);
// The target of "Link: </v2/...>; rel="next""; "" when there is none.
std::string next_link(std::string_view link);

// Whether another attempt may bring another answer (408, 429, 5xx but 501).
bool is_passing(int status);
// How long a "Retry-After" in seconds asks to wait, at most a minute.
std::optional<Milliseconds> retry_after(const Response& response);

}  // namespace mycontainer::rootfs::registry
