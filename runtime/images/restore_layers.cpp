#include "runtime/images/restore_layers.h"

#include <algorithm>

#include "runtime/images/unpack_layers.h"

namespace mycontainer::runtime::images {

Result<void> restore_layers(const state::Roots& roots, const std::string& image_id) {
  const auto id = rootfs::content::Digest::parse(image_id);
  if (!id) return {};
  TRY(const auto store, rootfs::image::ImageStore::open(roots.data));
  TRY(const rootfs::image::Use use, store.use());
  TRY(const auto layers, open_layer_store(roots.data));
  const auto text = store.blobs().read(*id);
  if (!text) return {};  // nobody knows what is missing: the mount will tell
  const auto config = rootfs::image::parse_config(*text);
  if (!config) return {};
  const auto chain = rootfs::content::chain_ids(config->diff_ids);
  if (std::ranges::all_of(chain, [&](const auto& one) { return layers.has(one); })) return {};
  TRY(const auto all, store.images());
  const auto image = std::ranges::find(all, *id, &rootfs::image::Image::id);
  if (image == all.end()) {
    return fail("layers of the image {} are gone, and so is the image they could be unpacked from",
                id->short_hex());
  }
  TRY(const auto manifest, store.manifest(*image));
  TRY_VOID(ensure_layers(store, roots.data, manifest, config->diff_ids));
  return {};
}

}  // namespace mycontainer::runtime::images
