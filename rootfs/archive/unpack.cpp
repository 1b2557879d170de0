#include "rootfs/archive/unpack.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>

#include "reexec/sys/file.h"
#include "rootfs/archive/kernel_filesystem.h"
#include "rootfs/archive/node.h"
#include "rootfs/path/create.h"
#include "rootfs/path/open.h"

namespace mycontainer::rootfs::archive {

namespace {

constexpr mode_t kImpliedMode = 0755;  // of parents that the archive does not have

struct Place {
  std::string parent, name;  // parent empty: the target itself
};

Place split(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

// Cuts off and returns the first component.
std::string take_name(std::string_view& rest) {
  std::string name(rest.substr(0, rest.find('/')));
  rest.remove_prefix(std::min(rest.size(), name.size() + 1));
  return name;
}

Result<UniqueFd> enter_or_make(int parent, const std::string& name) {
  constexpr int kFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd fd(::openat(parent, name.c_str(), kFlags));
  if (!fd && errno == ENOENT) {
    if (::mkdirat(parent, name.c_str(), kImpliedMode) < 0 && errno != EEXIST) {
      return fail_errno("mkdir {}", name);
    }
    fd.reset(::openat(parent, name.c_str(), kFlags));
  }
  if (!fd) return fail_errno("open {}", name);
  return fd;
}

// Below `root` one name at a time, never through a link.
Result<UniqueFd> make_directories_beneath(int root, std::string_view path) {
  TRY(UniqueFd current, sys::open_at(root, ".", O_PATH | O_DIRECTORY));
  while (!path.empty()) {
    TRY(current, enter_or_make(current.get(), take_name(path)));
  }
  return current;
}

Result<void> write_at(int fd, const TarReader::Block& block, const std::string& path) {
  for (std::size_t done = 0; done < block.bytes.size();) {
    const ssize_t written = ::pwrite(fd, block.bytes.data() + done, block.bytes.size() - done,
                                     static_cast<off_t>(block.offset + done));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_errno("write {}", path);
    done += static_cast<std::size_t>(written);
  }
  return {};
}

class Unpacker {
 public:
  Unpacker(TarReader& in, const UnpackTarget& target, const UnpackOptions& options)
      : in_(in), target_(target), options_(options) {}
  Result<std::vector<std::string>> run();

 private:
  Result<int> parent(const std::string& path);
  Result<UniqueFd> open_parent(const std::string& path) const;
  Result<void> member(Entry& entry);
  Result<bool> clear(int parent, const std::string& name, const Entry& entry) const;
  Result<void> make(int parent, const std::string& name, const Entry& entry, bool in_place);
  Result<void> directory(int parent, const std::string& name, const Entry& entry);
  Result<void> file(int parent, const std::string& name, const Entry& entry, bool in_place);
  Result<void> hard_link(int parent, const std::string& name, const Entry& entry);
  Result<void> special(int parent, const std::string& name, const Entry& entry);
  Result<void> write_bytes(int fd, const Entry& entry);
  Result<void> finish_directories();

  TarReader& in_;
  const UnpackTarget& target_;
  const UnpackOptions& options_;
  std::string parent_path_;
  UniqueFd parent_;
  std::vector<Entry> directories_;  // get their mode and time when nothing more is made in them
  std::vector<std::string> left_out_;
};

Result<UniqueFd> Unpacker::open_parent(const std::string& path) const {
  auto opened = target_.directory.empty()
                    ? make_directories_beneath(target_.root, path)
                    : path::make_directories_in_root(target_.root, target_.directory + "/" + path);
  if (!opened) return within(path.empty() ? "the target" : path, std::move(opened).error());
  if (on_kernel_filesystem(opened->get())) {
    return fail("{}: nothing is written to the kernel's own filesystems",
                path.empty() ? target_.directory : path);
  }
  return opened;
}

// Members of one directory mostly follow each other.
Result<int> Unpacker::parent(const std::string& path) {
  if (!parent_ || parent_path_ != path) {
    TRY(parent_, open_parent(path));
    parent_path_ = path;
  }
  return parent_.get();
}

// What has the member's name is removed, unless both are directories. True: it cannot be removed
// because something is mounted there, and is to be overwritten.
Result<bool> Unpacker::clear(int parent, const std::string& name, const Entry& entry) const {
  struct stat status {};
  if (::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) {
    if (errno == ENOENT) return false;
    return fail_errno("stat {}", entry.path);
  }
  const bool is_directory = entry.kind == Kind::kDirectory;
  if (S_ISDIR(status.st_mode) && is_directory) return false;
  if (S_ISDIR(status.st_mode)) {
    return fail("cannot overwrite directory \"{}\" with non-directory", entry.path);
  }
  if (is_directory) {
    return fail("cannot overwrite non-directory \"{}\" with directory", entry.path);
  }
  if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return false;
  if (errno == EBUSY && entry.kind == Kind::kFile && S_ISREG(status.st_mode)) return true;
  return fail_errno("replace {}", entry.path);
}

Result<void> Unpacker::directory(int parent, const std::string& name, const Entry& entry) {
  // Closed to others until it is finished.
  if (::mkdirat(parent, name.c_str(), 0700) < 0 && errno != EEXIST) {
    return fail_errno("mkdir {}", entry.path);
  }
  directories_.push_back(entry);
  return {};
}

Result<void> Unpacker::write_bytes(int fd, const Entry& entry) {
  std::uint64_t end = 0;
  while (true) {
    TRY(const auto block, in_.read());
    if (!block) break;
    TRY_VOID(write_at(fd, *block, entry.path));
    end = block->offset + block->bytes.size();
  }
  // A hole at the end. Without one the call would make ext4 write the file out when it is closed.
  if (end < entry.size && ::ftruncate(fd, static_cast<off_t>(entry.size)) < 0) {
    return fail_errno("write {}", entry.path);
  }
  return {};
}

Result<void> Unpacker::file(int parent, const std::string& name, const Entry& entry,
                            bool in_place) {
  const int how = in_place ? O_TRUNC | O_NONBLOCK : O_CREAT | O_EXCL;
  const UniqueFd fd(
      ::openat(parent, name.c_str(), O_WRONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC | how, 0600));
  if (!fd) return fail_errno("create {}", entry.path);
  TRY_VOID(write_bytes(fd.get(), entry));
  return set_metadata(fd.get(), entry, options_);
}

Result<void> Unpacker::hard_link(int parent, const std::string& name, const Entry& entry) {
  TRY(const std::string target, clean_member_path(entry.target));
  const Place place = split(target);
  TRY(const UniqueFd from, open_parent(place.parent));
  if (::linkat(from.get(), place.name.c_str(), parent, name.c_str(), 0) < 0) {
    return fail_errno("link {} to {}", entry.path, entry.target);
  }
  return {};
}

// Links, fifos and devices: made, and then looked at to be what was made.
Result<void> Unpacker::special(int parent, const std::string& name, const Entry& entry) {
  const bool is_device = entry.kind == Kind::kCharacterDevice || entry.kind == Kind::kBlockDevice;
  mode_t type = S_IFIFO;
  if (is_device) type = entry.kind == Kind::kBlockDevice ? S_IFBLK : S_IFCHR;
  if (is_device && !options_.devices) return left_out_.push_back(entry.path), Result<void>();
  const int made = entry.kind == Kind::kSymlink
                       ? ::symlinkat(entry.target.c_str(), parent, name.c_str())
                       : ::mknodat(parent, name.c_str(), type | 0600, is_device ? entry.device : 0);
  if (made < 0 && is_device && errno == EPERM) {
    return left_out_.push_back(entry.path), Result<void>();
  }
  if (made < 0) return fail_errno("create {}", entry.path);
  TRY(const UniqueFd fd, sys::open_at(parent, name, O_PATH | O_NOFOLLOW));
  struct stat status {};
  if (::fstat(fd.get(), &status) < 0) return fail_errno("stat {}", entry.path);
  const mode_t wanted = entry.kind == Kind::kSymlink ? mode_t{S_IFLNK} : type;
  if ((status.st_mode & S_IFMT) != wanted) return fail("{} was exchanged meanwhile", entry.path);
  return set_metadata(fd.get(), entry, options_);
}

Result<void> Unpacker::make(int parent, const std::string& name, const Entry& entry,
                            bool in_place) {
  switch (entry.kind) {
    case Kind::kDirectory:
      return directory(parent, name, entry);
    case Kind::kFile:
      return file(parent, name, entry, in_place);
    case Kind::kHardLink:
      return hard_link(parent, name, entry);
    default:
      return special(parent, name, entry);
  }
}

Result<void> Unpacker::member(Entry& entry) {
  TRY(entry.path, clean_member_path(entry.path));
  if (entry.path == ".") {
    if (entry.kind == Kind::kDirectory) return {};
    return fail("cannot overwrite the target directory with non-directory");
  }
  if (entry.kind == Kind::kHardLink) {
    TRY(const std::string target, clean_member_path(entry.target));
    if (target == entry.path) return {};
  }
  const Place place = split(entry.path);
  TRY(const int directory, parent(place.parent));
  TRY(const bool in_place, clear(directory, place.name, entry));
  return make(directory, place.name, entry, in_place);
}

Result<void> Unpacker::finish_directories() {
  for (auto entry = directories_.rbegin(); entry != directories_.rend(); ++entry) {
    const Place place = split(entry->path);
    TRY(const int directory, parent(place.parent));
    auto fd = sys::open_at(directory, place.name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (!fd) return within(entry->path, std::move(fd).error());
    TRY_VOID(set_metadata(fd->get(), *entry, options_));
  }
  return {};
}

Result<std::vector<std::string>> Unpacker::run() {
  while (true) {
    TRY(auto entry, in_.next());
    if (!entry) break;
    TRY_VOID(member(*entry));
  }
  TRY_VOID(finish_directories());
  return std::move(left_out_);
}

}  // namespace

Result<std::string> clean_member_path(const std::string& path) {
  std::string clean;
  for (std::string_view rest = path; !rest.empty();) {
    const std::string name = take_name(rest);
    if (name == "..") return fail("\"{}\" of the archive leads out of the target directory", path);
    if (name.empty() || name == ".") continue;
    clean += (clean.empty() ? "" : "/") + name;
  }
  return clean.empty() ? "." : clean;
}

Result<std::vector<std::string>> unpack(TarReader& in, const UnpackTarget& target,
                                        const UnpackOptions& options) {
  return Unpacker(in, target, options).run();
}

}  // namespace mycontainer::rootfs::archive
