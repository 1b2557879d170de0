#include "runtime/images/archive_members.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "reexec/sys/unique_fd.h"
#include "rootfs/archive/decompress.h"
#include "rootfs/path/open.h"
#include "runtime/images/archive_tar.h"
#include "runtime/images/member_content.h"

namespace mycontainer::runtime::images {

namespace {

namespace archive = rootfs::archive;
using rootfs::content::BlobStore;
using rootfs::content::Digest;

class Directory : public ArchiveMembers {
 public:
  Directory(const BlobStore& blobs, int fd) : blobs_(blobs), fd_(fd) {}

  [[nodiscard]] bool has(const std::string& name) const override { return open(name).has_value(); }
  [[nodiscard]] Result<std::string> document(const std::string& name) const override {
    TRY(const File file, open(name));
    return read_document(file.fd.get(), {0, file.size}, name);
  }
  [[nodiscard]] Result<Look> look(const std::string& name) const override {
    TRY(const File file, open(name));
    return look_at(file.fd.get(), {0, file.size}, name);
  }
  [[nodiscard]] Result<StoredMember> bring(const std::string& name,
                                           const Digest& expected) const override {
    if (!expected.empty() && blobs_.has(expected)) return already_here(blobs_, expected);
    TRY(const File file, open(name));
    return bring_range(blobs_, file.fd.get(), {0, file.size}, expected);
  }

 private:
  struct File {
    UniqueFd fd;
    std::uint64_t size = 0;
  };
  [[nodiscard]] Result<File> open(const std::string& name) const {
    auto fd = rootfs::path::open_in_root(fd_, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!fd && fd.error().code == ENOENT) return no_member(name);
    if (!fd) return Failure(std::move(fd).error());
    struct stat status {};
    if (::fstat(fd->get(), &status) < 0) return fail_errno("stat {}", name);
    if (!S_ISREG(status.st_mode)) return fail("{} is not a regular file", name);
    return File{std::move(*fd), static_cast<std::uint64_t>(status.st_size)};
  }

  const BlobStore& blobs_;
  int fd_;
};

Result<bool> is_plain_tar(int fd) {
  std::array<char, 8> beginning{};
  const ssize_t count = ::pread(fd, beginning.data(), beginning.size(), 0);
  if (count < 0) return fail_errno("read the archive");
  const std::string_view bytes(beginning.data(), static_cast<std::size_t>(count));
  return archive::compression_of(bytes) == archive::Compression::kNone;
}

}  // namespace

std::string blob_member(const Digest& digest) {
  return fmt::format("blobs/{}/{}", digest.algorithm(), digest.hex());
}

Digest digest_of_member(const std::string& name) {
  constexpr std::string_view kBlobs = "blobs/";
  const std::size_t slash = name.rfind('/');
  if (!name.starts_with(kBlobs) || slash < kBlobs.size()) return {};
  const auto digest = Digest::parse(name.substr(kBlobs.size(), slash - kBlobs.size()) + ":" +
                                    name.substr(slash + 1));
  return digest ? *digest : Digest();
}

Result<std::unique_ptr<ArchiveMembers>> open_archive(const BlobStore& blobs, int input) {
  struct stat status {};
  if (::fstat(input, &status) < 0) return fail_errno("stat the archive");
  if (S_ISDIR(status.st_mode)) {
    return std::unique_ptr<ArchiveMembers>(std::make_unique<Directory>(blobs, input));
  }
  if (S_ISREG(status.st_mode) && ::lseek(input, 0, SEEK_CUR) == 0) {
    TRY(const bool plain, is_plain_tar(input));
    if (plain) return open_tar_file(blobs, input);
  }
  return read_tar_stream(blobs, input);
}

}  // namespace mycontainer::runtime::images
