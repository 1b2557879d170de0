// Content by its digest: the blobs/ directory of an OCI image layout (image-spec, image-layout.md).
// Any process; several at once.
//
//   <layout>/blobs/sha256/<hex>     whole and verified, read-only; never written again
//   <layout>/incomplete/<hex>...    a download that is under way (locked) or was interrupted
//   <layout>/incomplete/.new-<random>  content whose digest is known when it ends
//
// Half a blob is never a blob: it is written under incomplete/ and renamed when its digest is right.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "rootfs/content/digest.h"

namespace mycontainer::rootfs::content {

// One blob on its way in. Destroyed without commit(): an expected one that is not whole yet is kept
// for a later attempt (begin() goes on with it), everything else is removed.
class BlobWriter {
 public:
  BlobWriter(BlobWriter&&) noexcept;
  BlobWriter& operator=(BlobWriter&&) noexcept = delete;
  ~BlobWriter();

  // How much is here already: where a resumed download goes on. Its bytes have been hashed.
  [[nodiscard]] std::uint64_t offset() const { return size_; }
  // More than the expected size is an error, and nothing of the blob is kept.
  Result<void> write(std::string_view bytes);
  // What is there is not wanted: from the beginning again (a server that cannot resume).
  Result<void> restart();
  // Verifies size and digest, then makes it a blob. A wrong digest: an error that names both, and
  // nothing is kept. Returns the digest.
  Result<Digest> commit();

 private:
  friend class BlobStore;
  BlobWriter() = default;
  Result<void> rehash();
  void discard() noexcept;

  UniqueFd blobs_, incomplete_, file_;
  std::string name_;  // in incomplete_; empty: nothing is left to do
  Digest expected_;   // empty: not known before
  std::uint64_t expected_size_ = 0, size_ = 0;
  Hasher hasher_;
};

class BlobStore {
 public:
  // Makes the directories when they are missing.
  static Result<BlobStore> open(const std::string& layout);

  [[nodiscard]] bool has(const Digest& digest) const;
  // ENOENT when it is not here.
  [[nodiscard]] Result<UniqueFd> open_blob(const Digest& digest) const;
  [[nodiscard]] Result<std::uint64_t> size(const Digest& digest) const;
  // A whole small one (manifest, configuration): larger than `limit` is an error. Not verified
  // again; what is here was verified when it came.
  [[nodiscard]] Result<std::string> read(const Digest& digest,
                                         std::size_t limit = std::size_t{8} << 20) const;

  // Of content with a known digest and size: waits while another process downloads the same, then
  // finds it here (`has` is to be asked again) or goes on with what that one left.
  [[nodiscard]] Result<BlobWriter> begin(const Digest& digest, std::uint64_t size) const;
  // Of content that is being made (commit, load): named by what it turns out to be.
  [[nodiscard]] Result<BlobWriter> begin() const;
  // A small one in one go.
  [[nodiscard]] Result<Digest> put(std::string_view bytes) const;

  // For the sweep (image/store.h), which keeps everybody else out meanwhile.
  [[nodiscard]] Result<std::vector<Digest>> list() const;
  Result<std::uint64_t> remove(const Digest& digest) const;  // how many bytes it had
  // What interrupted downloads left more than `age` seconds ago, and nobody works on.
  Result<std::uint64_t> remove_incomplete(std::int64_t age) const;

 private:
  BlobStore(UniqueFd blobs, UniqueFd incomplete, std::string layout)
      : blobs_(std::move(blobs)), incomplete_(std::move(incomplete)), layout_(std::move(layout)) {}
  UniqueFd blobs_;       // blobs/
  UniqueFd incomplete_;  // incomplete/
  std::string layout_;
};

}  // namespace mycontainer::rootfs::content
