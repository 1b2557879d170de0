#include "runtime/ids/id_maps.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::ids {

namespace {

std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Cuts off and returns what stands before the next separator.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view head = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return head;
}

// No NSS in a static program: a user who is not in /etc/passwd can still be named by number in
// /etc/subuid.
std::string user_name(std::uint32_t uid) {
  const auto passwd = sys::read_file_at(AT_FDCWD, "/etc/passwd");
  if (!passwd) return {};
  for (std::string_view rest = *passwd; !rest.empty();) {
    std::string_view line = take(rest, '\n');
    const std::string_view name = take(line, ':');
    take(line, ':');
    if (parse_number(take(line, ':')) == uid) return std::string(name);
  }
  return {};
}

std::vector<IdRange> ranges_of(const std::string& file, const std::string& user,
                               std::uint32_t uid) {
  const auto text = sys::read_file_at(AT_FDCWD, file);
  return text ? subordinate_ranges(*text, user, uid) : std::vector<IdRange>{};
}

bool has_map_helpers() {
  return ::access("/usr/bin/newuidmap", X_OK) == 0 && ::access("/usr/bin/newgidmap", X_OK) == 0;
}

}  // namespace

std::vector<IdRange> subordinate_ranges(std::string_view text, std::string_view user,
                                        std::uint32_t uid) {
  std::vector<IdRange> ranges;
  while (!text.empty()) {
    std::string_view line = take(text, '\n');
    const std::string_view owner = take(line, ':');
    const bool mine = (!user.empty() && owner == user) || parse_number(owner) == uid;
    const auto first = parse_number(take(line, ':'));
    const auto count = parse_number(line);
    // One that runs past the last id is no range: newuidmap(1) would refuse all for it.
    const bool valid = first && count && *count > 0 &&
                       *count <= std::numeric_limits<std::uint32_t>::max() - *first;
    if (mine && valid) ranges.push_back({*first, *count});
  }
  return ranges;
}

std::vector<oci::IdMapping> map_with_ranges(std::uint32_t caller,
                                            const std::vector<IdRange>& ranges) {
  std::vector<oci::IdMapping> mappings = {{0, caller, 1}};
  std::uint32_t next = 1;
  for (const IdRange& range : ranges) {
    const std::uint32_t room = std::numeric_limits<std::uint32_t>::max() - next;
    const std::uint32_t count = std::min(range.count, room);
    if (count == 0) break;
    mappings.push_back({next, range.first, count});
    next += count;
  }
  return mappings;
}

IdMaps rootless_id_maps() {
  const std::uint32_t uid = ::geteuid();
  const std::uint32_t gid = ::getegid();
  const std::string user = user_name(uid);
  const auto uid_ranges = ranges_of("/etc/subuid", user, uid);
  const auto gid_ranges = ranges_of("/etc/subgid", user, uid);
  IdMaps maps{{{0, uid, 1}}, {{0, gid, 1}}, {}};
  if (uid_ranges.empty() || gid_ranges.empty()) {
    maps.limitation = fmt::format(
        "only one id is mapped: {} has no range for user {} (a line such as \"{}:100000:65536\")",
        uid_ranges.empty() ? "/etc/subuid" : "/etc/subgid", uid,
        user.empty() ? std::to_string(uid) : user);
  } else if (!has_map_helpers()) {
    maps.limitation =
        "only one id is mapped: newuidmap and newgidmap are not installed (Debian package uidmap)";
  } else {
    maps.uids = map_with_ranges(uid, uid_ranges);
    maps.gids = map_with_ranges(gid, gid_ranges);
  }
  return maps;
}

IdMaps automatic_id_maps(std::string_view container_id) {
  constexpr std::uint32_t kFirst = 524288;
  constexpr std::uint32_t kSize = 65536;
  constexpr std::uint32_t kBlocks = (1879048192U - kFirst) / kSize;
  std::uint32_t number = 0;
  const std::string_view digits = container_id.substr(0, 8);
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  const std::vector<oci::IdMapping> mapping = {{0, kFirst + (number % kBlocks) * kSize, kSize}};
  return IdMaps{mapping, mapping, {}};
}

}  // namespace mycontainer::runtime::ids
