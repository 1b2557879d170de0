// Who a process in the container is, as `exec` reads it: numbers and nothing else. Pure.
//
// What a parser lets through decides who the process becomes: a number that wraps around, or text
// that reads as 0, was root in other runtimes (CVE-2024-40635, CVE-2026-30892).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"

namespace mycontainer::cmd::oci {

struct UserNumbers {
  std::uint32_t uid = 0;
  std::optional<std::uint32_t> gid;
};

// Decimal, without sign, space or anything else, up to 4294967294: the last value means "no change"
// to setuid(2).
Result<std::uint32_t> parse_id(std::string_view text);

// "UID" or "UID:GID".
Result<UserNumbers> parse_user(std::string_view text);

// "GID[,GID...]".
Result<std::vector<std::uint32_t>> parse_groups(std::string_view text);

}  // namespace mycontainer::cmd::oci
