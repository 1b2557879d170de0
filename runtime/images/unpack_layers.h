// From the blobs of an image to its unpacked layers, several at once. Parent side.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "reexec/sys/error.h"
#include "rootfs/image/store.h"
#include "rootfs/layer/store.h"
#include "runtime/images/progress.h"

namespace mycontainer::runtime::images {

// The layer store with the way of this user to remove what his subordinate ids own.
Result<rootfs::layer::LayerStore> open_layer_store(const std::string& data_root);

// What is unpacked of an image, with as many workers as there are processors. Layers are unpacked as their
// blobs arrive, in any order, and become visible from the lowest up. A layer that is here already
// (another image's) is not unpacked again when it was made of the same blob; of another one it is,
// only to see that this is the same layer.
class LayerUnpacking {
 public:
  // `manifest` and `diff_ids` have the same number of layers (else an error). `store` stays the
  // caller's.
  static Result<LayerUnpacking> start(const rootfs::image::ImageStore& store,
                                      const rootfs::layer::LayerStore& layers,
                                      const rootfs::image::Manifest& manifest,
                                      const std::vector<rootfs::content::Digest>& diff_ids,
                                      Report report);
  LayerUnpacking(LayerUnpacking&&) noexcept;
  ~LayerUnpacking();  // stops what is not finished; what was published stays

  // Whether layer `number` (0: the lowest) has to be unpacked at all.
  [[nodiscard]] bool needs(std::size_t number) const;
  // Its blob is in the store, verified. Any thread.
  void blob_is_here(std::size_t number);
  // Waits for all of them. The trees, the topmost first. The first error otherwise. What an
  // ordinary user cannot have as the layers have it is one line ("Warning: ...") of the report.
  Result<std::vector<std::string>> finish();

 private:
  struct Impl;
  explicit LayerUnpacking(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The trees of an image whose blobs are all here, the topmost first; unpacks what is missing. The
// quick way when nothing is: no thread, one access(2) a layer. The caller holds a Use.
Result<std::vector<std::string>> ensure_layers(const rootfs::image::ImageStore& store,
                                               const std::string& data_root,
                                               const rootfs::image::Manifest& manifest,
                                               const std::vector<rootfs::content::Digest>& diff_ids,
                                               const Report& report = {});

}  // namespace mycontainer::runtime::images
