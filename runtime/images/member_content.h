// Making a blob of a member of an archive, from wherever its bytes come. Private to runtime/images.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reexec/sys/error.h"
#include "rootfs/content/blob_store.h"
#include "runtime/images/archive_members.h"

namespace mycontainer::runtime::images {

inline constexpr std::size_t kPiece = std::size_t{256} << 10;  // what a processor's cache holds
inline constexpr std::size_t kMaxDocument = std::size_t{4} << 20;

// Of the members at the top that say what the archive has.
bool is_document(std::string_view name);
Failure no_member(const std::string& name);
Failure too_large(const std::string& name);

// A blob that an archive is to give: unlike a download's its beginning is of no use to anybody, so
// nothing is left of it when it does not become whole.
class Incoming {
 public:
  // `digest` may be empty. A blob that two bring at once is brought by one: the other waits here,
  // and is to ask the store again.
  static Result<Incoming> begin(const rootfs::content::BlobStore& blobs,
                                const rootfs::content::Digest& digest, std::uint64_t size);
  Incoming(Incoming&&) noexcept = default;
  Incoming& operator=(Incoming&&) = delete;
  ~Incoming();

  // What SIGKILL left of an earlier one is here already.
  [[nodiscard]] std::uint64_t offset() const { return writer_.offset(); }
  Result<void> write(std::string_view bytes) { return writer_.write(bytes); }
  Result<StoredMember> commit();

 private:
  Incoming(rootfs::content::BlobWriter writer, std::uint64_t size)
      : writer_(std::move(writer)), size_(size) {}
  rootfs::content::BlobWriter writer_;
  std::uint64_t size_;
  bool committed_ = false;
};

Result<StoredMember> already_here(const rootfs::content::BlobStore& blobs,
                                  const rootfs::content::Digest& digest);

// Of a member that stands in a file: from `offset` on.
struct Range {
  std::uint64_t offset = 0, size = 0;
};
Result<std::string> read_document(int fd, const Range& range, const std::string& name);
Result<ArchiveMembers::Look> look_at(int fd, const Range& range, const std::string& name);
Result<StoredMember> bring_range(const rootfs::content::BlobStore& blobs, int fd,
                                 const Range& range, const rootfs::content::Digest& expected);

}  // namespace mycontainer::runtime::images
