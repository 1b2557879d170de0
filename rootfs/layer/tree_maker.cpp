#include "rootfs/layer/tree_maker.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <limits>

#include "reexec/sys/file.h"
#include "rootfs/path/open.h"

namespace mycontainer::rootfs::layer {

namespace {

using archive::Entry;
using archive::Kind;
using archive::TarReader;

// The largest images have a few hundred thousand.
constexpr std::uint64_t kMaxMembers = 4'000'000;
constexpr mode_t kPermissions = 0777;

// Makes something with `call`, in the place of what is there.
template <class Call>
Result<int> make_in_place(int parent, const std::string& name, Call&& call) {
  while (true) {
    const int made = call();
    if (made >= 0) return made;
    if (errno != EEXIST) return fail_errno("make it");
    auto removed = remove_node(parent, name);
    if (!removed) return Failure(std::move(removed).error());
  }
}

Result<void> write_at(int fd, const TarReader::Block& block) {
  for (std::size_t done = 0; done < block.bytes.size();) {
    const ssize_t written = ::pwrite(fd, block.bytes.data() + done, block.bytes.size() - done,
                                     static_cast<off_t>(block.offset + done));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_errno("write");
    done += static_cast<std::size_t>(written);
  }
  return {};
}

Result<void> write_bytes(int fd, const Entry& entry, TarReader& in) {
  std::uint64_t end = 0;
  while (end < entry.size) {
    TRY(const auto block, in.read());
    if (!block) break;
    TRY_VOID(write_at(fd, *block));
    end = block->offset + block->bytes.size();
  }
  // A hole at the end.
  if (end < entry.size && ::ftruncate(fd, static_cast<off_t>(entry.size)) < 0) {
    return fail_errno("write");
  }
  return {};
}

mode_t type_of(Kind kind) {
  if (kind == Kind::kFifo) return S_IFIFO;
  return kind == Kind::kBlockDevice ? S_IFBLK : S_IFCHR;
}

// Short enough for a message, whatever the archive says.
std::string shown(const std::string& path) {
  return path.size() <= 200 ? path : path.substr(0, 200) + "...";
}

}  // namespace

TreeMaker::TreeMaker(int root, bool user_xattr)
    : root_(root), directories_(root, user_xattr, metadata_) {}

Result<void> TreeMaker::file(int parent, const std::string& name, const Entry& entry,
                             TarReader& in) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  TRY(const int made, make_in_place(parent, name, [&] {
        return ::openat(parent, name.c_str(), kFlags, entry.mode & kPermissions);
      }));
  const UniqueFd fd(made);
  if (entry.size > 0) TRY_VOID(write_bytes(fd.get(), entry, in));
  const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - size_;
  size_ += std::min(entry.size, room);
  return metadata_.set({parent, name.c_str(), fd.get()}, entry);
}

Result<void> TreeMaker::symlink(int parent, const std::string& name, const Entry& entry) {
  TRY_VOID(make_in_place(parent, name,
                         [&] { return ::symlinkat(entry.target.c_str(), parent, name.c_str()); }));
  return metadata_.set({parent, name.c_str()}, entry);
}

Result<void> TreeMaker::hard_link(int parent, const std::string& name, const Entry& entry) {
  TRY(const MemberName target, read_member_name(entry.target));
  TRY(const MemberName own, read_member_name(entry.path));
  if (target.path == own.path) return {};
  const SplitName split = split_name(target.path);
  auto from =
      path::open_in_root(root_, split.parent.empty() ? "/" : split.parent, O_PATH | O_DIRECTORY);
  struct stat status {};
  if (target.meaning != Meaning::kNode || !from ||
      ::fstatat(from->get(), split.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) {
    return fail("a hard link to \"{}\", which this layer does not have", shown(entry.target));
  }
  TRY_VOID(make_in_place(parent, name, [&] {
    return ::linkat(from->get(), split.name.c_str(), parent, name.c_str(), 0);
  }));
  return {};
}

// A fifo or a device.
Result<void> TreeMaker::special(int parent, const std::string& name, const Entry& entry) {
  const bool is_fifo = entry.kind == Kind::kFifo;
  auto made = make_in_place(parent, name, [&] {
    return ::mknodat(parent, name.c_str(), type_of(entry.kind) | (entry.mode & kPermissions),
                     is_fifo ? 0 : entry.device);
  });
  if (!made && made.error().code == EPERM && !is_fifo) return ++left_out_, Result<void>();
  TRY_VOID(made);
  return metadata_.set({parent, name.c_str()}, entry);
}

Result<void> TreeMaker::make(int parent, const std::string& name, const Entry& entry,
                             TarReader& in) {
  switch (entry.kind) {
    case Kind::kFile:
      return file(parent, name, entry, in);
    case Kind::kSymlink:
      return symlink(parent, name, entry);
    case Kind::kHardLink:
      return hard_link(parent, name, entry);
    default:
      return special(parent, name, entry);
  }
}

Result<void> TreeMaker::node(Entry& entry, const MemberName& name, TarReader& in) {
  TRY_VOID(check_xattrs(entry));
  if (entry.kind == Kind::kDirectory) return directories_.describe(entry, name.path);
  if (name.path.empty()) return fail("the layer's root is not a directory");
  const SplitName split = split_name(name.path);
  TRY(const int parent, directories_.enter(split.parent));
  return make(parent, split.name, entry, in);
}

// What this layer itself has there stays: it hides what is below as it is, but for a directory.
Result<void> TreeMaker::whiteout(const std::string& path) {
  const SplitName split = split_name(path);
  TRY(const int parent, directories_.enter(split.parent));
  if (::mknodat(parent, split.name.c_str(), S_IFCHR, makedev(0, 0)) == 0) return {};
  struct stat status {};
  if (errno != EEXIST || ::fstatat(parent, split.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) {
    return fail_errno("make a whiteout");
  }
  return S_ISDIR(status.st_mode) ? directories_.make_opaque(path) : Result<void>();
}

Result<void> TreeMaker::add(Entry& entry, TarReader& in) {
  if (!begun_) {
    TRY_VOID(directories_.open());
    begun_ = true;
  }
  if (++members_ > kMaxMembers) return fail("more than {} members", kMaxMembers);
  TRY(const MemberName name, read_member_name(entry.path));
  Result<void> added;
  switch (name.meaning) {
    case Meaning::kIgnored:
      return {};
    case Meaning::kWhiteout:
      added = whiteout(name.path);
      break;
    case Meaning::kOpaque:
      added = directories_.make_opaque(name.path);
      break;
    case Meaning::kNode:
      added = node(entry, name, in);
      break;
  }
  if (!added) return within(shown(entry.path), std::move(added).error());
  return {};
}

Result<MadeTree> TreeMaker::finish() {
  if (!begun_) TRY_VOID(directories_.open());
  TRY_VOID(directories_.finish());
  return MadeTree{size_, metadata_.squashed(), left_out_, directories_.take_implied()};
}

}  // namespace mycontainer::rootfs::layer
