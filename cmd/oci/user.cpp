#include "cmd/oci/user.h"

#include "cmd/options/values.h"

namespace mycontainer::cmd::oci {

Result<std::uint32_t> parse_id(std::string_view text) {
  const auto number = options::parse_integer<std::uint32_t>(text);
  if (number && *number != UINT32_MAX) return *number;
  return fail("'{}' is not a number from 0 to 4294967294", text);
}

Result<UserNumbers> parse_user(std::string_view text) {
  const std::size_t colon = text.find(':');
  UserNumbers user;
  TRY(user.uid, parse_id(text.substr(0, colon)));
  if (colon == std::string_view::npos) return user;
  TRY(user.gid, parse_id(text.substr(colon + 1)));
  return user;
}

Result<std::vector<std::uint32_t>> parse_groups(std::string_view text) {
  std::vector<std::uint32_t> groups;
  while (true) {
    const std::size_t comma = text.find(',');
    TRY(const std::uint32_t group, parse_id(text.substr(0, comma)));
    groups.push_back(group);
    if (comma == std::string_view::npos) return groups;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace mycontainer::cmd::oci
