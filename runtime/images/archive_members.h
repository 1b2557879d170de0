// What an archive of images has, by the names of its members. Parent side; the archive is hostile.
//
// A seekable archive that is not compressed, and a directory, are looked at first and read where
// they are needed; any other comes once, from its beginning to its end: then all of it goes to the
// blob store as it comes, and what no image needs goes with the next sweep. Either way the names
// are keys, cleaned of "." and of a leading "/", and never a path of the host's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "reexec/sys/error.h"
#include "rootfs/content/blob_store.h"

namespace mycontainer::runtime::images {

// A member as a blob.
struct StoredMember {
  rootfs::content::Digest digest;
  std::uint64_t size = 0;
};

class ArchiveMembers {
 public:
  virtual ~ArchiveMembers() = default;

  [[nodiscard]] virtual bool has(const std::string& name) const = 0;
  // A small one at the top (manifest.json, index.json, oci-layout). ENOENT: there is none.
  [[nodiscard]] virtual Result<std::string> document(const std::string& name) const = 0;

  struct Look {
    std::uint64_t size = 0;
    std::string beginning;           // its first bytes
    rootfs::content::Digest digest;  // when it is known already
  };
  [[nodiscard]] virtual Result<Look> look(const std::string& name) const = 0;
  // Makes it a blob of the store. With an `expected` digest, another one is an error, and what the
  // store has already is not read. Several threads may do this at once.
  [[nodiscard]] virtual Result<StoredMember> bring(
      const std::string& name, const rootfs::content::Digest& expected = {}) const = 0;

  // Whether the store may have got what nobody asked for.
  [[nodiscard]] virtual bool leaves_garbage() const { return false; }
};

// `input`, which stays the caller's: a directory, or a tar stream, plain or compressed. `blobs` must
// outlive the result.
Result<std::unique_ptr<ArchiveMembers>> open_archive(const rootfs::content::BlobStore& blobs,
                                                     int input);

// "blobs/sha256/<hex>", and back (empty: the name is none of these).
std::string blob_member(const rootfs::content::Digest& digest);
rootfs::content::Digest digest_of_member(const std::string& name);

}  // namespace mycontainer::runtime::images
