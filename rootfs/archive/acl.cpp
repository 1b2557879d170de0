#include "rootfs/archive/acl.h"

#include <archive.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

namespace mycontainer::rootfs::archive {

namespace {

struct Rule {
  std::uint16_t tag = 0, permissions = 0;
  std::uint32_t id = ACL_UNDEFINED_ID;
  friend auto operator<=>(const Rule&, const Rule&) = default;
};

std::optional<std::uint16_t> tag_of(int tag) {
  switch (tag) {
    case ARCHIVE_ENTRY_ACL_USER_OBJ:
      return ACL_USER_OBJ;
    case ARCHIVE_ENTRY_ACL_USER:
      return ACL_USER;
    case ARCHIVE_ENTRY_ACL_GROUP_OBJ:
      return ACL_GROUP_OBJ;
    case ARCHIVE_ENTRY_ACL_GROUP:
      return ACL_GROUP;
    case ARCHIVE_ENTRY_ACL_MASK:
      return ACL_MASK;
    case ARCHIVE_ENTRY_ACL_OTHER:
      return ACL_OTHER;
    default:
      return std::nullopt;
  }
}

std::uint16_t permissions_of(int permissions) {
  int bits = 0;
  if ((permissions & ARCHIVE_ENTRY_ACL_READ) != 0) bits |= ACL_READ;
  if ((permissions & ARCHIVE_ENTRY_ACL_WRITE) != 0) bits |= ACL_WRITE;
  if ((permissions & ARCHIVE_ENTRY_ACL_EXECUTE) != 0) bits |= ACL_EXECUTE;
  return static_cast<std::uint16_t>(bits);
}

// Nothing when one of them cannot be said to the kernel.
std::optional<std::vector<Rule>> rules_of(archive_entry* member, int type) {
  std::vector<Rule> rules;
  if (archive_entry_acl_reset(member, type) == 0) return rules;
  int found_type = 0, permissions = 0, tag = 0, id = 0;
  const char* name = nullptr;
  while (archive_entry_acl_next(member, type, &found_type, &permissions, &tag, &id, &name) ==
         ARCHIVE_OK) {
    const auto known = tag_of(tag);
    if (!known) return std::nullopt;
    Rule rule{*known, permissions_of(permissions)};
    if (*known == ACL_USER || *known == ACL_GROUP) {
      if (id < 0) return std::nullopt;
      rule.id = static_cast<std::uint32_t>(id);
    }
    rules.push_back(rule);
  }
  // The kernel wants them by tag, then by id.
  std::ranges::sort(rules, {}, [](const Rule& rule) { return std::pair(rule.tag, rule.id); });
  return rules;
}

template <class T>
void put(std::string& bytes, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    bytes += static_cast<char>(value >> (8 * i) & 0xff);
  }
}

void read_one(archive_entry* member, int type, const char* name, Entry& entry) {
  const auto rules = rules_of(member, type);
  // Up to three say what the mode says, too.
  const std::size_t plain = type == ARCHIVE_ENTRY_ACL_TYPE_ACCESS ? 3 : 0;
  if (!rules || rules->size() <= plain) return;
  std::string bytes;
  put(bytes, std::uint32_t{POSIX_ACL_XATTR_VERSION});
  for (const Rule& rule : *rules) {
    put(bytes, rule.tag);
    put(bytes, rule.permissions);
    put(bytes, rule.id);
  }
  entry.xattrs.try_emplace(name, std::move(bytes));
}

}  // namespace

void read_acls(archive_entry* member, Entry& entry) {
  if (archive_entry_acl_types(member) == 0) return;
  read_one(member, ARCHIVE_ENTRY_ACL_TYPE_ACCESS, "system.posix_acl_access", entry);
  read_one(member, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, "system.posix_acl_default", entry);
}

}  // namespace mycontainer::rootfs::archive
