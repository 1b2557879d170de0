#include "rootfs/content/blob_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <memory>

#include "reexec/sys/file.h"

namespace mycontainer::rootfs::content {

namespace {

constexpr std::array<Algorithm, 2> kAlgorithms = {Algorithm::kSha256, Algorithm::kSha512};
constexpr const char* directory_name(Algorithm algorithm) {
  return algorithm == Algorithm::kSha256 ? "sha256" : "sha512";
}

std::string path_of(const Digest& digest) {
  return std::string(digest.algorithm()) + "/" + std::string(digest.hex());
}

// Of both kinds of incomplete content: the name says whether its digest was known before.
std::string incomplete_name(const Digest& digest) {
  return std::string(digest.algorithm()) + "-" + std::string(digest.hex());
}

Result<void> lock(int fd) {
  while (::flock(fd, LOCK_EX) < 0) {
    if (errno != EINTR) return fail_errno("lock a download");
  }
  return {};
}

// Opens and locks `name`; again when the one before renamed or removed it meanwhile.
Result<UniqueFd> open_locked(int directory, const std::string& name) {
  while (true) {
    TRY(UniqueFd fd, sys::open_at(directory, name, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
    TRY_VOID(lock(fd.get()));
    struct stat mine {
    }, there{};
    if (::fstat(fd.get(), &mine) < 0) return fail_errno("stat {}", name);
    if (::fstatat(directory, name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
        mine.st_ino == there.st_ino && mine.st_dev == there.st_dev) {
      return fd;
    }
  }
}

std::string random_name() {
  std::uint64_t value = 0;
  (void)::getrandom(&value, sizeof value, 0);
  return fmt::format(".new-{:016x}", value);
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// The names in a directory of ours.
Result<std::vector<std::string>> names_in(int directory) {
  TRY(UniqueFd fd, sys::open_at(directory, ".", O_RDONLY | O_DIRECTORY));
  const std::unique_ptr<DIR, CloseDirectory> stream(::fdopendir(fd.get()));
  if (!stream) return fail_errno("read a directory of the image store");
  (void)fd.release();
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != "..") names.push_back(name);
  }
  return names;
}

}  // namespace

BlobWriter::BlobWriter(BlobWriter&& other) noexcept
    : blobs_(std::move(other.blobs_)),
      incomplete_(std::move(other.incomplete_)),
      file_(std::move(other.file_)),
      name_(std::exchange(other.name_, {})),
      expected_(std::move(other.expected_)),
      expected_size_(other.expected_size_),
      size_(other.size_),
      hasher_(std::move(other.hasher_)) {}

BlobWriter::~BlobWriter() {
  if (name_.empty()) return;
  const bool resumable = !expected_.empty() && size_ > 0 && size_ < expected_size_;
  if (!resumable) discard();
}

void BlobWriter::discard() noexcept {
  (void)::unlinkat(incomplete_.get(), name_.c_str(), 0);
  name_.clear();
}

// What an interrupted download left is part of the digest, too.
Result<void> BlobWriter::rehash() {
  std::array<char, 65536> buffer{};
  while (true) {
    const ssize_t count =
        ::pread(file_.get(), buffer.data(), buffer.size(), static_cast<off_t>(size_));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("read what was downloaded before");
    if (count == 0) return {};
    hasher_.update({buffer.data(), static_cast<std::size_t>(count)});
    size_ += static_cast<std::uint64_t>(count);
  }
}

Result<void> BlobWriter::restart() {
  if (::ftruncate(file_.get(), 0) < 0) return fail_errno("truncate a download");
  size_ = 0;
  hasher_ = Hasher(expected_.empty() ? Algorithm::kSha256 : expected_.kind());
  return {};
}

Result<void> BlobWriter::write(std::string_view bytes) {
  if (!expected_.empty() && bytes.size() > expected_size_ - size_) {
    discard();
    return fail("{} is longer than the {} bytes it was declared with", expected_.text(),
                expected_size_);
  }
  for (std::string_view rest = bytes; !rest.empty();) {
    const ssize_t count = ::pwrite(file_.get(), rest.data(), rest.size(),
                                   static_cast<off_t>(size_ + (bytes.size() - rest.size())));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int code = errno;
      // Space is what others need now more than this one a shorter second attempt.
      if (code == ENOSPC || code == EDQUOT) discard();
      return fail_code(code, "write to the image store");
    }
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  hasher_.update(bytes);
  size_ += bytes.size();
  return {};
}

Result<Digest> BlobWriter::commit() {
  if (!expected_.empty() && size_ != expected_size_) {
    return fail("{} ended after {} of {} bytes", expected_.text(), size_, expected_size_);
  }
  Digest digest = hasher_.finish();
  if (!expected_.empty() && digest != expected_) {
    discard();
    return fail("wrong content: {} was asked for, {} came", expected_.text(), digest.text());
  }
  // After a crash the name must not stand for less: nobody would look at the content again.
  if (::fdatasync(file_.get()) < 0) return fail_errno("sync a blob");
  if (::renameat(incomplete_.get(), name_.c_str(), blobs_.get(), path_of(digest).c_str()) < 0) {
    return fail_errno("rename a finished blob");
  }
  // Not before: another process opens the unfinished one for writing, to wait for us.
  (void)::fchmod(file_.get(), 0400);
  name_.clear();
  return digest;
}

Result<BlobStore> BlobStore::open(const std::string& layout) {
  for (const Algorithm algorithm : kAlgorithms) {
    TRY_VOID(sys::make_directories(layout + "/blobs/" + directory_name(algorithm), 0700));
  }
  TRY_VOID(sys::make_directories(layout + "/incomplete", 0700));
  TRY(UniqueFd blobs, sys::open_at(AT_FDCWD, layout + "/blobs", O_PATH | O_DIRECTORY));
  TRY(UniqueFd incomplete, sys::open_at(AT_FDCWD, layout + "/incomplete", O_PATH | O_DIRECTORY));
  return BlobStore(std::move(blobs), std::move(incomplete), layout);
}

bool BlobStore::has(const Digest& digest) const {
  return ::faccessat(blobs_.get(), path_of(digest).c_str(), F_OK, 0) == 0;
}

Result<UniqueFd> BlobStore::open_blob(const Digest& digest) const {
  auto fd = sys::open_at(blobs_.get(), path_of(digest), O_RDONLY | O_NOFOLLOW);
  if (!fd) return within("image store", std::move(fd).error());
  return fd;
}

Result<std::uint64_t> BlobStore::size(const Digest& digest) const {
  struct stat status {};
  if (::fstatat(blobs_.get(), path_of(digest).c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) {
    return fail_errno("image store: stat {}", digest.text());
  }
  return static_cast<std::uint64_t>(status.st_size);
}

Result<std::string> BlobStore::read(const Digest& digest, std::size_t limit) const {
  auto text = sys::read_regular_at(blobs_.get(), path_of(digest), limit);
  if (!text) return within("image store", std::move(text).error());
  return text;
}

Result<BlobWriter> BlobStore::begin(const Digest& digest, std::uint64_t size) const {
  BlobWriter writer;
  TRY(writer.file_, open_locked(incomplete_.get(), incomplete_name(digest)));
  TRY(writer.blobs_, sys::open_at(blobs_.get(), ".", O_PATH | O_DIRECTORY));
  TRY(writer.incomplete_, sys::open_at(incomplete_.get(), ".", O_PATH | O_DIRECTORY));
  writer.name_ = incomplete_name(digest);
  writer.expected_ = digest;
  writer.expected_size_ = size;
  writer.hasher_ = Hasher(digest.kind());
  TRY_VOID(writer.rehash());
  if (writer.size_ > size) TRY_VOID(writer.restart());
  return writer;
}

Result<BlobWriter> BlobStore::begin() const {
  BlobWriter writer;
  writer.name_ = random_name();
  TRY(writer.blobs_, sys::open_at(blobs_.get(), ".", O_PATH | O_DIRECTORY));
  TRY(writer.incomplete_, sys::open_at(incomplete_.get(), ".", O_PATH | O_DIRECTORY));
  TRY(writer.file_, open_locked(incomplete_.get(), writer.name_));
  return writer;
}

Result<Digest> BlobStore::put(std::string_view bytes) const {
  const Digest digest = digest_of(bytes);
  if (has(digest)) return digest;
  TRY(BlobWriter writer, begin());
  TRY_VOID(writer.write(bytes));
  return writer.commit();
}

Result<std::vector<Digest>> BlobStore::list() const {
  std::vector<Digest> all;
  for (const Algorithm algorithm : kAlgorithms) {
    TRY(const UniqueFd directory,
        sys::open_at(blobs_.get(), directory_name(algorithm), O_RDONLY | O_DIRECTORY));
    TRY(const auto names, names_in(directory.get()));
    for (const std::string& name : names) {
      auto digest = Digest::parse(std::string(directory_name(algorithm)) + ":" + name);
      if (digest) all.push_back(std::move(*digest));
    }
  }
  return all;
}

Result<std::uint64_t> BlobStore::remove(const Digest& digest) const {
  TRY(const std::uint64_t bytes, size(digest));
  if (::unlinkat(blobs_.get(), path_of(digest).c_str(), 0) < 0 && errno != ENOENT) {
    return fail_errno("remove {}", digest.text());
  }
  return bytes;
}

Result<std::uint64_t> BlobStore::remove_incomplete(std::int64_t age) const {
  std::uint64_t bytes = 0;
  TRY(const auto names, names_in(incomplete_.get()));
  for (const std::string& name : names) {
    auto fd = sys::open_at(incomplete_.get(), name, O_RDONLY | O_NOFOLLOW);
    if (!fd || ::flock(fd->get(), LOCK_EX | LOCK_NB) < 0) continue;
    struct stat status {};
    if (::fstat(fd->get(), &status) < 0) continue;
    // With what has no known digest nobody can go on.
    const bool resumable = !name.starts_with(".new-");
    if (resumable && status.st_mtime > ::time(nullptr) - age) continue;
    if (::unlinkat(incomplete_.get(), name.c_str(), 0) == 0) {
      bytes += static_cast<std::uint64_t>(status.st_size);
    }
  }
  return bytes;
}

}  // namespace mycontainer::rootfs::content
