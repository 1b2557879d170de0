#include "rootfs/archive/tar_reader.h"
#include "rootfs/archive/unpack.h"
#include "runtime/images/archive_tar.h"
#include "runtime/images/member_content.h"
#include "runtime/images/member_names.h"

namespace mycontainer::runtime::images {

namespace {

namespace archive = rootfs::archive;
using archive::Kind;
using rootfs::content::BlobStore;
using rootfs::content::Digest;

class TarFile : public ArchiveMembers {
 public:
  static Result<std::unique_ptr<ArchiveMembers>> open(const BlobStore& blobs, int fd) {
    std::unique_ptr<TarFile> file(new TarFile(blobs, fd));
    TRY_VOID(file->read_names());
    return std::unique_ptr<ArchiveMembers>(std::move(file));
  }

  [[nodiscard]] bool has(const std::string& name) const override {
    return names_.find(name) != nullptr;
  }
  [[nodiscard]] Result<std::string> document(const std::string& name) const override {
    const Range* range = names_.find(name);
    if (range == nullptr) return no_member(name);
    return read_document(fd_, *range, name);
  }
  [[nodiscard]] Result<Look> look(const std::string& name) const override {
    const Range* range = names_.find(name);
    if (range == nullptr) return no_member(name);
    return look_at(fd_, *range, name);
  }
  [[nodiscard]] Result<StoredMember> bring(const std::string& name,
                                           const Digest& expected) const override {
    if (!expected.empty() && blobs_.has(expected)) return already_here(blobs_, expected);
    const Range* range = names_.find(name);
    if (range == nullptr) return no_member(name);
    return bring_range(blobs_, fd_, *range, expected);
  }

 private:
  TarFile(const BlobStore& blobs, int fd) : blobs_(blobs), fd_(fd) {}

  Result<void> read_names() {
    TRY(archive::TarReader reader, archive::TarReader::open(fd_));
    while (true) {
      TRY(const auto entry, reader.next());
      if (!entry) return {};
      const auto name = archive::clean_member_path(entry->path);
      if (!name) continue;  // nothing can ask for it
      if (entry->kind == Kind::kFile) {
        // Whichever of two blobs is read, its digest is what tells.
        if (has(*name) && !digest_of_member(*name).empty()) continue;
        TRY_VOID(names_.add(*name, {reader.position(), entry->size}));
      } else if (entry->kind == Kind::kSymlink || entry->kind == Kind::kHardLink) {
        TRY_VOID(names_.add_link(*name, *entry));
      }
    }
  }

  const BlobStore& blobs_;
  int fd_;
  MemberNames<Range> names_;
};

}  // namespace

Result<std::unique_ptr<ArchiveMembers>> open_tar_file(const BlobStore& blobs, int fd) {
  return TarFile::open(blobs, fd);
}

}  // namespace mycontainer::runtime::images
