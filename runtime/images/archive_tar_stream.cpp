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

constexpr std::size_t kSmall = std::size_t{64} << 10;
constexpr std::size_t kMaxTexts = std::size_t{8} << 20;

class TarStream : public ArchiveMembers {
 public:
  static Result<std::unique_ptr<ArchiveMembers>> open(const BlobStore& blobs, int fd) {
    std::unique_ptr<TarStream> stream(new TarStream(blobs));
    TRY_VOID(stream->take_in(fd));
    return std::unique_ptr<ArchiveMembers>(std::move(stream));
  }

  [[nodiscard]] bool has(const std::string& name) const override {
    return stored_.find(name) != nullptr || texts_.find(name) != nullptr;
  }
  [[nodiscard]] Result<std::string> document(const std::string& name) const override {
    const std::string* text = texts_.find(name);
    if (text == nullptr) return no_member(name);
    return *text;
  }
  [[nodiscard]] Result<Look> look(const std::string& name) const override {
    if (const std::string* text = texts_.find(name)) {
      return Look{text->size(), text->substr(0, 8), rootfs::content::digest_of(*text)};
    }
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
    if (const std::string* text = texts_.find(name)) return bring_text(name, *text, expected);
    const StoredMember* member = stored_.find(name);
    if (member == nullptr) return no_member(name);
    if (!expected.empty() && member->digest != expected) {
      return wrong_content(name, expected, member->digest);
    }
    return *member;
  }
  [[nodiscard]] bool leaves_garbage() const override { return true; }

 private:
  explicit TarStream(const BlobStore& blobs) : blobs_(blobs) {}

  static Failure several(const std::string& name) {
    return fail("the archive has several members named {}", name);
  }
  static Failure wrong_content(const std::string& name, const Digest& expected,
                               const Digest& found) {
    return fail("wrong content: {} should be {}, but is {}", name, expected.text(), found.text());
  }

  [[nodiscard]] Result<StoredMember> bring_text(const std::string& name, const std::string& text,
                                                const Digest& expected) const {
    const Digest digest = rootfs::content::digest_of(text);
    if (!expected.empty() && digest != expected) return wrong_content(name, expected, digest);
    TRY(Digest put, blobs_.put(text));
    return StoredMember{std::move(put), text.size()};
  }

  // Small members wait in memory until somebody asks for them: most are for nobody, and each blob
  // is synced.
  [[nodiscard]] bool is_kept(const Entry& entry) const {
    return entry.size <= kSmall && text_bytes_ + entry.size <= kMaxTexts;
  }

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
      TRY_VOID(texts_.add_link(name, entry));
      return stored_.add_link(name, entry);
    }
    if (entry.kind != Kind::kFile) return {};
    if (is_document(name)) {
      TRY(std::string text, read_text(reader, entry, name));
      return texts_.add(name, std::move(text));
    }
    const Digest expected = digest_of_member(name);
    if (expected.empty() && is_kept(entry)) {
      TRY(std::string text, read_text(reader, entry, name));
      text_bytes_ += text.size();
      if (stored_.find(name) != nullptr) return several(name);
      return texts_.add(name, std::move(text));
    }
    if (texts_.find(name) != nullptr) return several(name);
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
  MemberNames<std::string> texts_;  // the documents, and small members
  std::size_t text_bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<ArchiveMembers>> read_tar_stream(const BlobStore& blobs, int fd) {
  return TarStream::open(blobs, fd);
}

}  // namespace mycontainer::runtime::images
