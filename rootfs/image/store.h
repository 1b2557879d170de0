// The images of this machine: an OCI image layout (image-layout.md) that skopeo and umoci can read,
// too. Any process; several at once.
//
//   <data>/images/oci-layout
//   <data>/images/index.json     every image: a descriptor of its manifest for each of its names
//   <data>/images/blobs, incomplete   rootfs/content/blob_store.h
//   <data>/images/lock           flock(2). Shared: whoever adds or uses images, so that nothing he
//                                relies on is collected. Exclusive: the sweep.
//   <data>/images/index.lock     flock(2), exclusive: who changes index.json, for a moment
//   <data>/layers/<chain ID>/    the unpacked layers (rootfs/layer/store.h)
//
// index.json is replaced whole, and only when all that it names is here: readers take no lock, and
// a reader finds an image whole or not at all. Nothing is removed from blobs/ and layers/ but by
// sweep(). After SIGKILL at any moment only garbage is left, which the next sweep takes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "reexec/sys/error.h"
#include "reexec/sys/unique_fd.h"
#include "rootfs/content/blob_store.h"
#include "rootfs/image/config.h"
#include "rootfs/image/descriptor.h"
#include "rootfs/image/reference.h"

namespace mycontainer::rootfs::image {

// One image, however many names it has.
struct Image {
  Digest id;                       // of its configuration: Docker's image ID
  Descriptor manifest;             // of one platform
  std::vector<std::string> names;  // "docker.io/library/alpine:latest", sorted
  // "docker.io/library/alpine@sha256:...": what registries call it; the digest is that of the
  // manifest or index that was asked for.
  std::vector<std::string> repo_digests;  // sorted
};

// Holds off the sweep while it lives.
class Use {
 public:
  explicit Use(UniqueFd lock) : lock_(std::move(lock)) {}

 private:
  UniqueFd lock_;
};

struct NewImage {
  Descriptor manifest;
  Digest id;
  std::optional<std::string> name;  // Reference::text() without digest; taken from who had it
  std::optional<std::string> repo_digest;
  // An image whose id is here already gets this manifest (what came from a registry), or keeps its
  // own (what was loaded: the same layers, perhaps without their compression).
  bool replaces_manifest = false;
};

class ImageStore {
 public:
  // Makes what is missing. Costs next to nothing when all is there.
  static Result<ImageStore> open(const std::string& data_root);

  [[nodiscard]] const content::BlobStore& blobs() const { return blobs_; }

  // --- reading, without a lock ---
  // All, in the order in which they came.
  [[nodiscard]] Result<std::vector<Image>> images() const;
  // By what a user types: a whole image ID, a name ("alpine", "alpine:3", "alpine@sha256:..."), or
  // the beginning of exactly one ID ("sha256:" may stand before it). Nothing: it is not here. An
  // error: an ambiguous beginning, or what is no name at all.
  [[nodiscard]] Result<std::optional<Image>> look_up(std::string_view word) const;
  // The same; "no such image: WORD" when it is not here.
  [[nodiscard]] Result<Image> find(std::string_view word) const;
  [[nodiscard]] Result<Manifest> manifest(const Image& image) const;
  [[nodiscard]] Result<Config> config(const Image& image) const;

  // --- changing ---
  // Waits while a sweep runs (milliseconds).
  [[nodiscard]] Result<Use> use() const;
  // The manifest, the configuration and all layers it names must be here as blobs (else an error). Returns the
  // ID of the image that had the name before and has none now, if there is one.
  Result<std::optional<Digest>> add(const Use& use, const NewImage& image) const;
  // An image that has no name left is kept, nameless ("<none>").
  Result<void> untag(std::string_view name) const;
  // The image with all its names; its blobs go with the next sweep.
  Result<void> forget(const Digest& id) const;
  // Takes names and repo digests from an image; with `forgets` the image goes, too, when it has
  // neither afterwards (what others gave it meanwhile holds it). Whether it went.
  Result<bool> take_names(const Digest& id, const std::vector<std::string>& names,
                          bool forgets) const;

  struct Swept {
    std::uint64_t bytes = 0;
    std::vector<Digest> blobs;
    std::vector<std::string> trees;  // of layers, moved aside: to be removed by the caller
  };
  // Removes all blobs and moves aside all layers that no image and none of `used_configs` (those of
  // containers: only their layers) needs. `used_configs` is called when nobody else can add or use
  // images. Nothing is done, and nothing returned, while somebody does (after `patience`
  // milliseconds): he is to look at wants_sweep()
  // when he is done, after his Use has ended.
  [[nodiscard]] Result<std::optional<Swept>> sweep(
      const std::function<Result<std::set<Digest>>()>& used_configs, int patience = 100) const;
  // True when a sweep did not come to its turn since the last one that did.
  [[nodiscard]] bool wants_sweep() const;

 private:
  ImageStore(std::string data_root, std::string layout, UniqueFd directory,
             content::BlobStore blobs)
      : data_root_(std::move(data_root)),
        layout_(std::move(layout)),
        directory_(std::move(directory)),
        blobs_(std::move(blobs)) {}
  Result<Swept> sweep_alone(const std::function<Result<std::set<Digest>>()>& used_configs) const;
  Result<void> change(const std::function<Result<void>(std::vector<Image>&)>& change) const;

  std::string data_root_, layout_;
  UniqueFd directory_;
  content::BlobStore blobs_;
};

}  // namespace mycontainer::rootfs::image
