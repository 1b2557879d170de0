// Who -u and --group-add name: looked up in the container's own /etc/passwd and /etc/group, which
// are hostile text. Parent side; static binary, so no NSS is ever asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "runtime/engine/run_request.h"

namespace mycontainer::runtime::engine {

struct ResolvedUser {
  std::uint32_t uid = 0, gid = 0;
  // The supplementary groups, the primary one first, without duplicates: a process that lacks its
  // own primary group there escapes negative group permissions (CVE-2022-2989).
  std::vector<std::uint32_t> additional_gids = {0};
  std::string home = "/";
  std::vector<std::uint32_t> asked_gids = {};  // of the supplementary groups: those of --group-add
};

// The texts of /etc/passwd and /etc/group; empty where there is no such file.
struct UserDatabase {
  std::string passwd, group;
};

inline constexpr std::size_t kMaxUserDatabaseBytes = 1u << 20;

// Opens what a path of the root filesystem leads to, O_PATH, and never anything outside it.
using OpenPath = std::function<Result<UniqueFd>(const std::string& path)>;

// Reads both files of a root filesystem. A missing file is empty; what is not a regular file (a
// FIFO, a device: CVE-2024-9676) or is too large is an error.
Result<UserDatabase> read_user_database(const OpenPath& open);
// Of the one below a directory descriptor.
Result<UserDatabase> read_user_database(int root);

// Docker's rules. A user that is written as a number is a number, whatever names passwd holds
// (CVE-2016-3697); numbers end where their digits end (CVE-2026-30892) and fit uint32 without its
// last value, which the kernel reads as "no change" (CVE-2024-40635). A number passwd does not know
// is taken as it is, with group 0 and home "/"; an unknown name is an error in Docker's words.
// Without a group the user's groups of /etc/group are added; with one they are not.
Result<ResolvedUser> resolve_user(const UserRequest& request, const UserDatabase& database);

// "name", "uid", "name:group" ... as an image's configuration has it.
UserRequest parse_user(std::string_view text);

}  // namespace mycontainer::runtime::engine
