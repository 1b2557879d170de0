#include "runtime/engine/user_lookup.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string_view>

#include "reexec/sys/file.h"
#include "rootfs/path/open.h"

namespace mycontainer::runtime::engine {
namespace {

constexpr std::uint32_t kMaxId = UINT32_MAX - 1;  // the last value means "no change" to setuid(2)

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

std::optional<std::uint32_t> id_of(std::string_view text) {
  std::uint32_t id = 0;
  if (!is_number(text)) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || id > kMaxId) return std::nullopt;
  return id;
}

// A number that was asked for must be one; a name is nothing here.
Result<std::optional<std::uint32_t>> asked_number(const char* what, std::string_view text) {
  const auto id = id_of(text);
  if (is_number(text) && !id) return fail("{} {} is not between 0 and {}", what, text, kMaxId);
  return id;
}

// The part of `text` before the first `separator`, which both are cut off.
std::string_view cut(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text = end == text.npos ? std::string_view() : text.substr(end + 1);
  return part;
}

struct PasswdEntry {
  std::string_view name, home;
  std::uint32_t uid = 0, gid = 0;
};
struct GroupEntry {
  std::string_view name, members;
  std::uint32_t gid = 0;
};

// passwd(5): name:password:uid:gid:gecos:home:shell. A line whose numbers are none names nobody.
std::optional<PasswdEntry> parse_passwd(std::string_view line) {
  PasswdEntry entry;
  entry.name = cut(line, ':');
  cut(line, ':');
  const auto uid = id_of(cut(line, ':'));
  const auto gid = id_of(cut(line, ':'));
  cut(line, ':');
  entry.home = cut(line, ':');
  if (!uid || !gid) return std::nullopt;
  entry.uid = *uid;
  entry.gid = *gid;
  return entry;
}

// group(5): name:password:gid:member,member
std::optional<GroupEntry> parse_group(std::string_view line) {
  GroupEntry entry;
  entry.name = cut(line, ':');
  cut(line, ':');
  const auto gid = id_of(cut(line, ':'));
  entry.members = cut(line, ':');
  if (!gid) return std::nullopt;
  entry.gid = *gid;
  return entry;
}

// The first entry of the file that `matches`.
template <class Parse, class Matches>
auto find_entry(std::string_view text, Parse parse, Matches matches) -> decltype(parse(text)) {
  while (!text.empty())
    if (const auto entry = parse(cut(text, '\n')); entry && matches(*entry)) return entry;
  return std::nullopt;
}

bool lists(std::string_view members, std::string_view name) {
  while (!members.empty())
    if (cut(members, ',') == name) return true;
  return false;
}

void add_group(ResolvedUser& user, std::uint32_t gid) {
  auto& gids = user.additional_gids;
  if (std::find(gids.begin(), gids.end(), gid) == gids.end()) gids.push_back(gid);
}

Result<std::uint32_t> resolve_group(const std::string& group, std::string_view text) {
  TRY(const auto number, asked_number("group", group));
  if (number) return *number;
  const auto entry =
      find_entry(text, parse_group, [&](const GroupEntry& e) { return e.name == group; });
  if (!entry) return fail("unable to find group {}: no matching entries in group file", group);
  return entry->gid;
}

// Fills in who `request.user` is; the name is empty when passwd does not know the number.
Result<std::string_view> resolve_name(const UserRequest& request, std::string_view passwd,
                                      ResolvedUser& user) {
  const std::string_view asked = request.user.empty() ? "0" : std::string_view(request.user);
  TRY(const auto number, asked_number("user", asked));
  const auto entry = find_entry(passwd, parse_passwd, [&](const PasswdEntry& e) {
    return number ? e.uid == *number : e.name == asked;
  });
  if (!entry && !number)
    return fail("unable to find user {}: no matching entries in passwd file", asked);
  if (!entry) {
    user.uid = *number;
    return std::string_view();
  }
  user.uid = entry->uid;
  user.gid = entry->gid;
  const bool usable = entry->home.starts_with('/') && entry->home.find('\0') == entry->home.npos;
  if (usable) user.home = entry->home;
  return entry->name;
}

Result<std::string> read_regular(const OpenPath& open, const std::string& path) {
  const auto place = open(path);
  if (!place && (place.error().code == ENOENT || place.error().code == ENOTDIR)) return {};
  if (!place) return Failure(place.error());
  struct stat status {};
  if (::fstat(place->get(), &status) != 0) return fail_errno("stat the container's {}", path);
  if (!S_ISREG(status.st_mode)) return fail("the container's {} is not a regular file", path);
  TRY(const UniqueFd file, sys::open_at(AT_FDCWD, sys::fd_path(place->get()), O_RDONLY));
  auto text = sys::read_all(file.get(), kMaxUserDatabaseBytes);
  if (!text) return within("the container's " + path, std::move(text).error());
  return text;
}

}  // namespace

Result<UserDatabase> read_user_database(const OpenPath& open) {
  UserDatabase database;
  TRY(database.passwd, read_regular(open, "/etc/passwd"));
  TRY(database.group, read_regular(open, "/etc/group"));
  return database;
}

Result<ResolvedUser> resolve_user(const UserRequest& request, const UserDatabase& database) {
  ResolvedUser user;
  TRY(const std::string_view name, resolve_name(request, database.passwd, user));
  if (!request.group.empty()) {
    TRY(user.gid, resolve_group(request.group, database.group));
  }
  user.additional_gids = {user.gid};
  if (request.group.empty() && !name.empty()) {
    std::string_view text = database.group;
    while (!text.empty())
      if (const auto entry = parse_group(cut(text, '\n')); entry && lists(entry->members, name))
        add_group(user, entry->gid);
  }
  for (const std::string& group : request.supplementary_groups) {
    TRY(const std::uint32_t gid, resolve_group(group, database.group));
    add_group(user, gid);
    user.asked_gids.push_back(gid);
  }
  return user;
}

Result<UserDatabase> read_user_database(int root) {
  return read_user_database(
      [root](const std::string& path) { return rootfs::path::open_in_root(root, path, O_PATH); });
}

UserRequest parse_user(std::string_view text) {
  UserRequest request;
  request.user = cut(text, ':');
  request.group = text;
  return request;
}

}  // namespace mycontainer::runtime::engine
