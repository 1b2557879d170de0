// Absolute http and https URLs (RFC 3986), as far as registries use them. Any process; pure. What a
// server names in a Location is hostile: bounded, without control characters, no other scheme.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"

namespace mycontainer::rootfs::registry {

struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // in lower case; an IPv6 address without brackets
  std::uint16_t port = 0;
  std::string target = "/";    // path and query, as they stand there
  std::string user_info = {};  // what stood before "@", percent-decoded; only proxies have it

  [[nodiscard]] bool is_tls() const { return scheme == "https"; }
  // "host:port", the port only when it is not the scheme's, with brackets: the Host header.
  [[nodiscard]] std::string authority() const;
  // "https://host:port": who gets to see credentials.
  [[nodiscard]] std::string origin() const { return scheme + "://" + authority(); }
  [[nodiscard]] std::string text() const { return origin() + target; }
};

Result<Url> parse_url(std::string_view text);
// What `reference` (a Location, a Link) means in an answer from `base`; a fragment is dropped.
Result<Url> resolve_url(const Url& base, std::string_view reference);
// "host", "host:port", "[::1]:port" of `scheme`.
Result<Url> parse_authority(std::string_view scheme, std::string_view authority);

// A word as it stands in a query: all but letters, digits and "-._~" as %XX.
std::string percent_encode(std::string_view text);
std::string percent_decode(std::string_view text);
// The target with one more parameter in its query; the value is encoded.
std::string with_parameter(std::string_view target, std::string_view name, std::string_view value);

}  // namespace mycontainer::rootfs::registry
