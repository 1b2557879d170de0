// WWW-Authenticate (RFC 9110, 11.6.1): what a registry wants to see before it answers. Any process;
// pure; hostile text, bounded by the bounds of an answer's head.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mycontainer::rootfs::registry {

struct Challenge {
  std::string scheme;                             // in lower case: "bearer", "basic"
  std::map<std::string, std::string> parameters;  // names in lower case, values without quotes

  // "" when it is not there.
  [[nodiscard]] std::string parameter(const std::string& name) const;
};

// In their order; what is no challenge is passed over.
std::vector<Challenge> parse_challenges(std::string_view header);

}  // namespace mycontainer::rootfs::registry
