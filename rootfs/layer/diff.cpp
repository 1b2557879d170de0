#include "rootfs/layer/diff.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "rootfs/archive/tree_reader.h"
#include "rootfs/layer/marks.h"
#include "rootfs/layer/node.h"

namespace mycontainer::rootfs::layer {

namespace {

using archive::Entry;
using archive::Kind;

constexpr const char* kWhiteout = ".wh.";
constexpr const char* kOpaque = ".wh..wh..opq";

Entry marker(std::string path, const struct stat& status) {
  Entry entry;
  entry.path = std::move(path);
  entry.mtime = status.st_mtim;
  return entry;
}

std::string below(const std::string& directory, const std::string& name) {
  return directory.empty() ? name : directory + "/" + name;
}

class DiffWriter {
 public:
  DiffWriter(const DiffRequest& request, archive::TarWriter& out)
      : layers_(request.layers),
        mount_points_(request.mount_points),
        resets_times_(request.resets_times),
        out_(out) {}
  Result<std::uint64_t> run();

 private:
  Result<void> children(const Node& upper, int lower, const std::string& path);
  Result<void> child(const Node& upper, int lower_parent, const std::string& path,
                     const std::string& name);
  Result<void> directory(const Node& upper, const Node& lower, const std::string& path);
  Result<void> other(const Node& upper, const std::string& path);
  Result<Entry> entry_of(const Node& node, const std::string& path) const;
  Result<void> add(const Entry& entry);
  Result<void> add_waiting();
  [[nodiscard]] bool is_mount_point(const std::string& path) const;
  [[nodiscard]] bool leads_to_mount_point(const std::string& path) const;

  const Layers& layers_;
  const std::vector<std::string>& mount_points_;
  bool resets_times_;
  archive::TarWriter& out_;
  dev_t device_ = 0;
  // Directories that are members only if something in them is one.
  std::vector<Entry> waiting_;
  std::map<std::pair<dev_t, ino_t>, std::string> linked_;
  std::uint64_t members_ = 0;
};

bool DiffWriter::is_mount_point(const std::string& path) const {
  return std::ranges::find(mount_points_, "/" + path) != mount_points_.end();
}

bool DiffWriter::leads_to_mount_point(const std::string& path) const {
  return is_mount_point(path) ||
         std::ranges::any_of(mount_points_, [prefix = "/" + path + "/"](const std::string& place) {
           return place.starts_with(prefix);
         });
}

Result<Entry> DiffWriter::entry_of(const Node& node, const std::string& path) const {
  TRY(Entry entry, archive::read_node(node.fd.get(), node.status, path));
  entry.uid = seen_inside(entry.uid, layers_.uids);
  entry.gid = seen_inside(entry.gid, layers_.gids);
  if (resets_times_) entry.mtime = {};
  for (auto& [name, value] : entry.xattrs) {
    if (name.starts_with("system.posix_acl_")) value = acl_seen_inside(std::move(value), layers_);
    if (name == "security.capability") value = capability_seen_inside(std::move(value), layers_);
  }
  return entry;
}

Result<void> DiffWriter::add_waiting() {
  for (const Entry& entry : std::exchange(waiting_, {})) {
    TRY_VOID(out_.add(entry));
    ++members_;
  }
  return {};
}

Result<void> DiffWriter::add(const Entry& entry) {
  TRY_VOID(add_waiting());
  ++members_;
  return out_.add(entry);
}

Result<void> DiffWriter::other(const Node& upper, const std::string& path) {
  const struct stat& status = upper.status;
  TRY(Entry entry, entry_of(upper, path));
  if (status.st_nlink > 1) {
    const auto [at, is_new] = linked_.try_emplace({status.st_dev, status.st_ino}, path);
    if (!is_new) {
      entry.kind = Kind::kHardLink;
      entry.target = at->second;
      return add(entry);
    }
  }
  if (entry.kind != Kind::kFile) return add(entry);
  TRY_VOID(add_waiting());
  ++members_;
  auto added = archive::add_file(std::move(entry), upper.fd.get(), status, out_);
  if (!added) return within(path, std::move(added).error());
  return {};
}

Result<void> DiffWriter::directory(const Node& upper, const Node& lower, const std::string& path) {
  TRY(Entry entry, entry_of(upper, path));
  const std::size_t depth = waiting_.size();
  if (!lower.exists() && leads_to_mount_point(path)) {
    waiting_.push_back(std::move(entry));
  } else {
    TRY_VOID(add(entry));
  }
  // Another filesystem's; or, of a whole tree, what is mounted there.
  if (upper.status.st_dev != device_) return {};
  const bool shows = lower.is_directory() && !is_opaque(upper.fd.get());
  if (lower.is_directory() && !shows) TRY_VOID(add(marker(path + "/" + kOpaque, upper.status)));
  TRY_VOID(children(upper, shows ? lower.fd.get() : -1, path));
  while (waiting_.size() > depth) waiting_.pop_back();
  return {};
}

Result<void> DiffWriter::child(const Node& upper, int lower_parent, const std::string& path,
                               const std::string& name) {
  if (is_whiteout(upper.fd.get(), upper.status)) {
    return add(marker(path.substr(0, path.size() - name.size()) + kWhiteout + name, upper.status));
  }
  if (S_ISSOCK(upper.status.st_mode)) return {};
  const bool is_empty_file = S_ISREG(upper.status.st_mode) && upper.status.st_size == 0;
  if (!upper.is_directory() && !(is_empty_file && is_mount_point(path))) return other(upper, path);
  TRY(const Node lower, open_node(lower_parent, name));
  if (upper.is_directory()) return directory(upper, lower, path);
  return lower.exists() ? other(upper, path) : Result<void>();
}

Result<void> DiffWriter::children(const Node& upper, int lower, const std::string& path) {
  TRY(const auto names, names_in(upper.fd.get()));
  for (const std::string& name : names) {
    if (name.starts_with(kWhiteout)) continue;
    TRY(const Node node, open_node(upper.fd.get(), name));
    if (!node.exists()) continue;  // the container has just removed it
    TRY_VOID(child(node, lower, below(path, name), name));
  }
  return {};
}

Result<std::uint64_t> DiffWriter::run() {
  TRY(const Node upper, open_node(layers_.upper, "."));
  TRY(const Node lower, open_node(layers_.lower, "."));
  if (!upper.exists()) return fail_code(ENOENT, "open the container's layer");
  device_ = upper.status.st_dev;
  TRY(Entry root, entry_of(upper, "./"));
  const bool same = lower.exists() && lower.status.st_mode == upper.status.st_mode &&
                    lower.status.st_uid == root.uid && lower.status.st_gid == root.gid;
  if (!same) TRY_VOID(add(root));
  TRY_VOID(children(upper, lower.exists() ? lower.fd.get() : -1, ""));
  return members_;
}

std::uint32_t number_at(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;  // little-endian, as all machines are that we run on
}

void put_number(std::string& bytes, std::size_t at, std::uint32_t value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

}  // namespace

std::string acl_seen_inside(std::string acl, const Layers& layers) {
  // <linux/posix_acl_xattr.h>: a version, then {u16 tag, u16 permissions, u32 id}.
  constexpr std::size_t kHeader = 4, kEntry = 8;
  constexpr std::uint32_t kUser = 0x02, kGroup = 0x08;
  for (std::size_t at = kHeader; at + kEntry <= acl.size(); at += kEntry) {
    const std::uint32_t tag = number_at(acl, at) & 0xffff;
    const std::uint32_t id = number_at(acl, at + 4);
    if (tag == kUser) put_number(acl, at + 4, seen_inside(id, layers.uids));
    if (tag == kGroup) put_number(acl, at + 4, seen_inside(id, layers.gids));
  }
  return acl;
}

std::string capability_seen_inside(std::string capability, const Layers& layers) {
  // capabilities(7): version 3 is version 2 with the user that is root where they count.
  constexpr std::size_t kSize2 = 20, kSize3 = 24;
  constexpr std::uint32_t kRevision = 0xff000000, kVersion2 = 0x02000000, kVersion3 = 0x03000000;
  if (capability.size() != kSize3 || layers.uids.empty()) return capability;
  const std::uint32_t magic = number_at(capability, 0);
  if ((magic & kRevision) != kVersion3) return capability;
  if (seen_inside(number_at(capability, kSize2), layers.uids) != 0) return capability;
  put_number(capability, 0, kVersion2 | (magic & ~kRevision));
  capability.resize(kSize2);
  return capability;
}

Result<std::uint64_t> write_diff(const DiffRequest& request, archive::TarWriter& out) {
  return DiffWriter(request, out).run();
}

}  // namespace mycontainer::rootfs::layer
