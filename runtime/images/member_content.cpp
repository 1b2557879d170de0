#include "runtime/images/member_content.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

namespace mycontainer::runtime::images {

namespace {

using rootfs::content::BlobStore;
using rootfs::content::BlobWriter;
using rootfs::content::Digest;

constexpr std::size_t kBeginning = 8;
constexpr std::array<std::string_view, 3> kDocuments = {"manifest.json", "index.json",
                                                        "oci-layout"};

Result<std::size_t> read_at(int fd, char* buffer, std::size_t size, std::uint64_t offset) {
  while (true) {
    const ssize_t count = ::pread(fd, buffer, size, static_cast<off_t>(offset));
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return fail_errno("read the archive");
  }
}

}  // namespace

bool is_document(std::string_view name) {
  return std::ranges::find(kDocuments, name) != kDocuments.end();
}

Failure no_member(const std::string& name) {
  return fail_code(ENOENT, "the archive has no member {}", name);
}

Failure too_large(const std::string& name) { return fail("{}: larger than 4 MiB", name); }

Result<Incoming> Incoming::begin(const BlobStore& blobs, const Digest& digest, std::uint64_t size) {
  TRY(BlobWriter writer, digest.empty() ? blobs.begin() : blobs.begin(digest, size));
  return Incoming(std::move(writer), size);
}

Incoming::~Incoming() {
  if (!committed_) (void)writer_.restart();
}

Result<StoredMember> Incoming::commit() {
  TRY(Digest digest, writer_.commit());
  committed_ = true;
  return StoredMember{std::move(digest), size_};
}

Result<StoredMember> already_here(const BlobStore& blobs, const Digest& digest) {
  TRY(const std::uint64_t size, blobs.size(digest));
  return StoredMember{digest, size};
}

Result<std::string> read_document(int fd, const Range& range, const std::string& name) {
  if (range.size > kMaxDocument) return too_large(name);
  std::string text(range.size, '\0');
  for (std::size_t at = 0; at < text.size();) {
    TRY(const std::size_t count,
        read_at(fd, text.data() + at, text.size() - at, range.offset + at));
    if (count == 0) return fail("{}: the archive ends within it", name);
    at += count;
  }
  return text;
}

Result<ArchiveMembers::Look> look_at(int fd, const Range& range, const std::string& name) {
  ArchiveMembers::Look look{range.size, std::string(kBeginning, '\0'), digest_of_member(name)};
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kBeginning, range.size));
  TRY(const std::size_t count, read_at(fd, look.beginning.data(), wanted, range.offset));
  look.beginning.resize(count);
  return look;
}

Result<StoredMember> bring_range(const BlobStore& blobs, int fd, const Range& range,
                                 const Digest& expected) {
  if (!expected.empty() && blobs.has(expected)) return already_here(blobs, expected);
  TRY(Incoming incoming, Incoming::begin(blobs, expected, range.size));
  // Somebody else may have brought it while we waited.
  if (!expected.empty() && blobs.has(expected)) return already_here(blobs, expected);
  std::vector<char> buffer(kPiece);
  for (std::uint64_t at = incoming.offset(); at < range.size;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, range.size - at));
    TRY(const std::size_t count, read_at(fd, buffer.data(), wanted, range.offset + at));
    if (count == 0) return fail("the archive is cut short");
    TRY_VOID(incoming.write({buffer.data(), count}));
    at += count;
  }
  return incoming.commit();
}

}  // namespace mycontainer::runtime::images
