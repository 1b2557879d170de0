#include "rootfs/archive/tar_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>

#include "rootfs/archive/member.h"

namespace mycontainer::rootfs::archive {

namespace {

constexpr std::size_t kBufferSize = 256 << 10;
constexpr std::uint64_t kBlock = 512;
constexpr int kBytesPerWrite = 64 << 10;

std::uint64_t in_blocks(std::uint64_t size) { return (size + kBlock - 1) / kBlock * kBlock; }

void set_link(archive_entry* member, const Entry& entry) {
  if (entry.kind == Kind::kSymlink) archive_entry_set_symlink(member, entry.target.c_str());
  if (entry.kind == Kind::kHardLink) archive_entry_set_hardlink(member, entry.target.c_str());
}

void set_device(archive_entry* member, const Entry& entry) {
  if (entry.kind != Kind::kCharacterDevice && entry.kind != Kind::kBlockDevice) return;
  archive_entry_set_rdevmajor(member, major(entry.device));
  archive_entry_set_rdevminor(member, minor(entry.device));
}

Member make_member(const Entry& entry) {
  Member made(archive_entry_new());
  archive_entry* member = made.get();
  archive_entry_set_pathname(member, entry.path.c_str());
  // A hard link has no type of its own.
  if (entry.kind != Kind::kHardLink) archive_entry_set_filetype(member, file_type(entry.kind));
  archive_entry_set_perm(member, entry.mode & 07777);
  archive_entry_set_uid(member, entry.uid);
  archive_entry_set_gid(member, entry.gid);
  archive_entry_set_mtime(member, entry.mtime.tv_sec, entry.mtime.tv_nsec);
  archive_entry_set_size(member,
                         entry.kind == Kind::kFile ? static_cast<la_int64_t>(entry.size) : 0);
  set_link(member, entry);
  set_device(member, entry);
  for (const auto& [name, value] : entry.xattrs) {
    archive_entry_xattr_add_entry(member, name.c_str(), value.data(), value.size());
  }
  for (const Extent& extent : entry.extents) {
    archive_entry_sparse_add_entry(member, static_cast<la_int64_t>(extent.offset),
                                   static_cast<la_int64_t>(extent.length));
  }
  return made;
}

}  // namespace

void TarWriter::Free::operator()(::archive* handle) const { archive_write_free(handle); }

TarWriter::TarWriter(std::unique_ptr<::archive, Free> handle)
    : handle_(std::move(handle)), buffer_(kBufferSize), plain_size_(2 * kBlock) {}
TarWriter::TarWriter(TarWriter&&) noexcept = default;
TarWriter::~TarWriter() {
  // Freeing would otherwise write an end that makes a broken stream look whole.
  if (handle_) archive_write_fail(handle_.get());
}

Result<TarWriter> TarWriter::open(int fd) {
  std::unique_ptr<::archive, Free> handle(archive_write_new());
  if (!handle) return fail_code(ENOMEM, "write an archive");
  archive_write_set_format_pax(handle.get());
  archive_write_set_options(handle.get(), "xattrheader=SCHILY");
  archive_write_set_bytes_per_block(handle.get(), kBytesPerWrite);
  archive_write_set_bytes_in_last_block(handle.get(), 1);
  if (archive_write_open_fd(handle.get(), fd) != ARCHIVE_OK) {
    return library_failure(handle.get(), "write the archive");
  }
  return TarWriter(std::move(handle));
}

Result<void> TarWriter::write(const char* bytes, std::size_t size) {
  while (size > 0) {
    const la_ssize_t written = archive_write_data(handle_.get(), bytes, size);
    if (written < 0) return library_failure(handle_.get(), "write the archive");
    if (written == 0) return fail_code(EIO, "write the archive");
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
  return {};
}

Result<void> TarWriter::write_zeros(std::uint64_t count) {
  std::ranges::fill(buffer_, '\0');
  while (count > 0) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(count, buffer_.size()));
    TRY_VOID(write(buffer_.data(), size));
    count -= size;
  }
  return {};
}

Result<void> TarWriter::copy(int data_fd, const Extent& extent) {
  std::uint64_t offset = extent.offset, left = extent.length;
  while (left > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer_.size()));
    const ssize_t got = ::pread(data_fd, buffer_.data(), wanted, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read");
    if (got == 0) return write_zeros(left);
    TRY_VOID(write(buffer_.data(), static_cast<std::size_t>(got)));
    offset += static_cast<std::uint64_t>(got);
    left -= static_cast<std::uint64_t>(got);
  }
  return {};
}

Result<void> TarWriter::add_bytes(const Entry& entry, int data_fd) {
  if (entry.extents.empty()) return copy(data_fd, {0, entry.size});
  // The library is shown the holes too, and leaves them out.
  std::uint64_t at = 0;
  for (const Extent& extent : entry.extents) {
    if (extent.offset > at) TRY_VOID(write_zeros(extent.offset - at));
    TRY_VOID(copy(data_fd, extent));
    at = extent.offset + extent.length;
  }
  return write_zeros(entry.size - at);
}

Result<void> TarWriter::add(const Entry& entry, int data_fd) {
  const Member member = make_member(entry);
  const bool has_bytes = entry.kind == Kind::kFile && entry.size > 0;
  // A warning says what this form of archive cannot hold; there is nothing of the kind in a pax.
  if (archive_write_header(handle_.get(), member.get()) < ARCHIVE_WARN) {
    return library_failure(handle_.get(), "write the archive");
  }
  plain_size_ += kBlock + (has_bytes ? in_blocks(entry.size) : 0);
  if (has_bytes) {
    auto added = add_bytes(entry, data_fd);
    if (!added) return within(entry.path, std::move(added).error());
  }
  if (archive_write_finish_entry(handle_.get()) < ARCHIVE_WARN) {
    return library_failure(handle_.get(), "write the archive");
  }
  return {};
}

Result<void> TarWriter::finish() {
  if (archive_write_close(handle_.get()) != ARCHIVE_OK) {
    return library_failure(handle_.get(), "write the archive");
  }
  handle_.reset();
  return {};
}

}  // namespace mycontainer::rootfs::archive
