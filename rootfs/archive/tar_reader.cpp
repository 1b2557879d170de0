#include "rootfs/archive/tar_reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/sysmacros.h>

#include <limits>

#include "rootfs/archive/acl.h"
#include "rootfs/archive/member.h"
#include "rootfs/archive/source_callback.h"

namespace mycontainer::rootfs::archive {

namespace {

constexpr std::size_t kBlockSize = 64 << 10;

std::string text(const char* bytes) { return bytes == nullptr ? std::string() : bytes; }

Result<Kind> kind_of(archive_entry* member, const std::string& path) {
  if (archive_entry_hardlink(member) != nullptr) return Kind::kHardLink;
  switch (archive_entry_filetype(member)) {
    case AE_IFREG:
      return Kind::kFile;
    case AE_IFDIR:
      return Kind::kDirectory;
    case AE_IFLNK:
      return Kind::kSymlink;
    case AE_IFIFO:
      return Kind::kFifo;
    case AE_IFCHR:
      return Kind::kCharacterDevice;
    case AE_IFBLK:
      return Kind::kBlockDevice;
    default:
      return fail("{}: the archive gives it a type that is unknown here", path);
  }
}

Result<std::uint32_t> id_of(la_int64_t number, const std::string& path) {
  // The highest one means "no change" to chown(2).
  if (number < 0 || number >= std::numeric_limits<std::uint32_t>::max()) {
    return fail("{}: the archive gives it the owner {}, which is no id", path, number);
  }
  return static_cast<std::uint32_t>(number);
}

void read_xattrs(archive_entry* member, Entry& entry) {
  archive_entry_xattr_reset(member);
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  while (archive_entry_xattr_next(member, &name, &value, &size) == ARCHIVE_OK) {
    entry.xattrs[text(name)] = std::string(static_cast<const char*>(value), size);
  }
}

Result<Entry> entry_of(archive_entry* member) {
  Entry entry;
  entry.path = text(archive_entry_pathname(member));
  TRY(entry.kind, kind_of(member, entry.path));
  entry.mode = archive_entry_perm(member);
  TRY(entry.uid, id_of(archive_entry_uid(member), entry.path));
  TRY(entry.gid, id_of(archive_entry_gid(member), entry.path));
  const la_int64_t size = archive_entry_size(member);
  entry.size = entry.kind == Kind::kFile && size > 0 ? static_cast<std::uint64_t>(size) : 0;
  entry.mtime = {archive_entry_mtime(member), archive_entry_mtime_nsec(member)};
  if (entry.kind == Kind::kSymlink) entry.target = text(archive_entry_symlink(member));
  if (entry.kind == Kind::kHardLink) entry.target = text(archive_entry_hardlink(member));
  entry.device = makedev(static_cast<unsigned>(archive_entry_rdevmajor(member)),
                         static_cast<unsigned>(archive_entry_rdevminor(member)));
  read_xattrs(member, entry);
  read_acls(member, entry);
  return entry;
}

}  // namespace

struct TarReader::State {
  explicit State(Source source) : in(std::move(source)), handle(archive_read_new()) {}
  SourceCallback in;
  ReadHandle handle;
};

TarReader::TarReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
TarReader::TarReader(TarReader&&) noexcept = default;
TarReader::~TarReader() = default;

Result<TarReader> TarReader::open(int fd) {
  auto state = std::make_unique<State>(Source());
  ::archive* handle = state->handle.get();
  if (handle == nullptr) return fail_code(ENOMEM, "read an archive");
  archive_read_support_format_tar(handle);
  archive_read_support_format_empty(handle);
  archive_read_support_filter_gzip(handle);
  archive_read_support_filter_zstd(handle);
  if (archive_read_open_fd(handle, fd, kBlockSize) != ARCHIVE_OK) {
    return library_failure(handle, "read the archive");
  }
  return TarReader(std::move(state));
}

Result<TarReader> TarReader::open(Source source) {
  auto state = std::make_unique<State>(std::move(source));
  ::archive* handle = state->handle.get();
  if (handle == nullptr) return fail_code(ENOMEM, "read an archive");
  archive_read_support_format_tar(handle);
  archive_read_support_format_empty(handle);
  if (state->in.open(handle) != ARCHIVE_OK) return state->in.failure(handle, "read the archive");
  return TarReader(std::move(state));
}

Result<std::optional<Entry>> TarReader::next() {
  archive_entry* member = nullptr;
  const int result = archive_read_next_header(state_->handle.get(), &member);
  if (result == ARCHIVE_EOF) return std::optional<Entry>();
  // The library warns of names that its locale cannot show; they are bytes to us.
  if (result < ARCHIVE_WARN) return state_->in.failure(state_->handle.get(), "read the archive");
  TRY(Entry entry, entry_of(member));
  return std::optional(std::move(entry));
}

Result<std::optional<TarReader::Block>> TarReader::read() {
  const void* bytes = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  const int result = archive_read_data_block(state_->handle.get(), &bytes, &size, &offset);
  if (result == ARCHIVE_EOF) return std::optional<Block>();
  if (result < ARCHIVE_WARN) return state_->in.failure(state_->handle.get(), "read the archive");
  return std::optional(Block{static_cast<std::uint64_t>(offset),
                             std::string_view(static_cast<const char*>(bytes), size)});
}

std::uint64_t TarReader::position() const {
  return static_cast<std::uint64_t>(archive_filter_bytes(state_->handle.get(), 0));
}

}  // namespace mycontainer::rootfs::archive
