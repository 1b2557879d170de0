#include <algorithm>

#include "rootfs/archive/decompress.h"
#include "rootfs/archive/tar_reader.h"
#include "rootfs/archive/unpack.h"
#include "runtime/images/archive_tar.h"
#include "runtime/images/member_content.h"
#include "runtime/images/member_names.h"

namespace mycontainer::runtime::images {

namespace {

namespace archive = rootfs::archive;
using archive::Entry;
using archive::Kind;
using rootfs::content::BlobStore;
using rootfs::content::Digest;

class TarStream : public ArchiveMembers {
 public:
  static Result<std::unique_ptr<ArchiveMembers>> open(const BlobStore& blobs, int fd) {
    std::unique_ptr<TarStream> stream(new TarStream(blobs));
    TRY_VOID(stream->take_in(fd));
    return std::unique_ptr<ArchiveMembers>(std::move(stream));
  }

  [[nodiscard]] bool has(const std::string& name) const override {
    return stored_.find(name) != nullptr || documents_.find(name) != nullptr;
  }
  [[nodiscard]] Result<std::string> document(const std::string& name) const override {
    const std::string* text = documents_.find(name);
    if (text == nullptr) return no_member(name);
    return *text;
  }
  [[nodiscard]] Result<Look> look(const std::string& name) const override {
    const StoredMember* member = stored_.find(name);
    if (member == nullptr) return no_member(name);
    TRY(const UniqueFd blob, blobs_.open_blob(member->digest));
    TRY(Look look, look_at(blob.get(), {0, member->size}, name));
    look.digest = member->digest;
    return look;
  }
  [[nodiscard]] Result<StoredMember> bring(const std::string& name,
                                           const Digest& expected) const override {
    if (!expected.empty() && blobs_.has(expected)) return already_here(blobs_, expected);
    const StoredMember* member = stored_.find(name);
    if (member == nullptr) return no_member(name);
    if (!expected.empty() && member->digest != expected) {
      return fail("wrong content: {} should be {}, but is {}", name, expected.text(),
                  member->digest.text());
    }
    return *member;
  }
  [[nodiscard]] bool leaves_garbage() const override { return true; }

 private:
  explicit TarStream(const BlobStore& blobs) : blobs_(blobs) {}

  Result<void> take_in(int fd) {
    archive::Decompressor decompressor(archive::read_from(fd));
    TRY(archive::TarReader reader,
        archive::TarReader::open([&decompressor] { return decompressor.next(); }));
    while (true) {
      TRY(const auto entry, reader.next());
      if (!entry) return {};
      const auto name = archive::clean_member_path(entry->path);
      if (!name) continue;
      TRY_VOID(take_in(reader, *entry, *name));
    }
  }

  Result<void> take_in(archive::TarReader& reader, const Entry& entry, const std::string& name) {
    if (entry.kind == Kind::kSymlink || entry.kind == Kind::kHardLink) {
      return stored_.add_link(name, entry);
    }
    if (entry.kind != Kind::kFile) return {};
    if (is_document(name)) {
      TRY(std::string text, read_text(reader, entry, name));
      return documents_.add(name, std::move(text));
    }
    const Digest expected = digest_of_member(name);
    if (!expected.empty() && stored_.find(name) != nullptr) return {};
    if (!expected.empty() && blobs_.has(expected)) {
      TRY(StoredMember member, already_here(blobs_, expected));
      return stored_.add(name, std::move(member));
    }
    TRY(StoredMember member, store(reader, entry, expected));
    return stored_.add(name, std::move(member));
  }

  static Result<std::string> read_text(archive::TarReader& reader, const Entry& entry,
                                       const std::string& name) {
    if (entry.size > kMaxDocument) return too_large(name);
    std::string text;
    while (true) {
      TRY(const auto block, reader.read());
      if (!block) return text;
      if (block->offset != text.size()) return fail("{}: has holes", name);
      text += block->bytes;
    }
  }

  [[nodiscard]] Result<StoredMember> store(archive::TarReader& reader, const Entry& entry,
                                           const Digest& expected) const {
    TRY(Incoming incoming, Incoming::begin(blobs_, expected, entry.size));
    if (!expected.empty() && blobs_.has(expected)) return already_here(blobs_, expected);
    const std::uint64_t before = incoming.offset();
    const std::string zeros(kPiece, '\0');
    std::uint64_t at = 0;
    const auto put = [&](std::string_view bytes) -> Result<void> {
      const std::uint64_t skip =
          std::min<std::uint64_t>(at < before ? before - at : 0, bytes.size());
      at += bytes.size();
      return incoming.write(bytes.substr(skip));
    };
    // Of a sparse member the holes are not told, but belong to it.
    const auto put_zeros = [&](std::uint64_t until) -> Result<void> {
      while (at < until) {
        TRY_VOID(
            put(std::string_view(zeros).substr(0, std::min<std::uint64_t>(kPiece, until - at))));
      }
      return {};
    };
    while (true) {
      TRY(const auto block, reader.read());
      if (!block) break;
      TRY_VOID(put_zeros(block->offset));
      TRY_VOID(put(block->bytes));
    }
    TRY_VOID(put_zeros(entry.size));
    return incoming.commit();
  }

  const BlobStore& blobs_;
  MemberNames<StoredMember> stored_;
  MemberNames<std::string> documents_;
};

}  // namespace

Result<std::unique_ptr<ArchiveMembers>> read_tar_stream(const BlobStore& blobs, int fd) {
  return TarStream::open(blobs, fd);
}

}  // namespace mycontainer::runtime::images
