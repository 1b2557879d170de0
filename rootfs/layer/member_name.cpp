#include "rootfs/layer/member_name.h"

#include <climits>
#include <string_view>

#include "rootfs/archive/unpack.h"

namespace mycontainer::rootfs::layer {

namespace {

constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kAufs = ".wh..wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";

// For messages: a name may have a megabyte.
std::string shown(const std::string& raw) {
  return raw.size() <= 200 ? raw : raw.substr(0, 200) + "...";
}

// Of the components before the last one.
Result<bool> is_below_aufs_own(std::string_view parent, const std::string& raw) {
  std::size_t depth = 1;
  for (std::string_view rest = parent; !rest.empty(); ++depth) {
    const std::string_view name = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    if (name.starts_with(kAufs)) return true;
    if (name.starts_with(kWhiteout)) return fail("\"{}\" lies below a whiteout", shown(raw));
    if (name.size() > NAME_MAX) return fail_code(ENAMETOOLONG, "\"{}\"", shown(raw));
  }
  if (depth > kMaxDepth) {
    return fail("\"{}\" has more than {} components", shown(raw), kMaxDepth);
  }
  return false;
}

Result<MemberName> read_whiteout(const SplitName& split, const std::string& raw) {
  const std::string hidden = split.name.substr(kWhiteout.size());
  if (hidden.empty() || hidden == "." || hidden == "..") {
    return fail("\"{}\" is a whiteout of no name", shown(raw));
  }
  return MemberName{Meaning::kWhiteout, split.parent + (split.parent.empty() ? "" : "/") + hidden};
}

}  // namespace

SplitName split_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

Result<MemberName> read_member_name(const std::string& raw) {
  if (raw.size() > 2 * std::size_t{PATH_MAX}) return fail_code(ENAMETOOLONG, "\"{}\"", shown(raw));
  TRY(std::string path, archive::clean_member_path(raw));
  if (path == ".") return MemberName{};
  if (path.size() >= PATH_MAX) return fail_code(ENAMETOOLONG, "\"{}\"", shown(raw));
  const SplitName split = split_name(path);
  TRY(const bool ignored, is_below_aufs_own(split.parent, raw));
  if (ignored) return MemberName{Meaning::kIgnored, std::move(path)};
  if (split.name.size() > NAME_MAX) return fail_code(ENAMETOOLONG, "\"{}\"", shown(raw));
  if (split.name == kOpaque) return MemberName{Meaning::kOpaque, split.parent};
  if (split.name.starts_with(kAufs)) return MemberName{Meaning::kIgnored, std::move(path)};
  if (split.name.starts_with(kWhiteout)) return read_whiteout(split, raw);
  return MemberName{Meaning::kNode, std::move(path)};
}

}  // namespace mycontainer::rootfs::layer
