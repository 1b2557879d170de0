#include "runtime/images/catalog.h"

#include <algorithm>
#include <map>

#include "rootfs/layer/store.h"
#include "runtime/log/time_text.h"

namespace mycontainer::runtime::images {

namespace {

namespace image = rootfs::image;

std::vector<LayerSize> sizes_of(const rootfs::layer::LayerStore& layers,
                                const image::ImageStore& store, const image::Image& of,
                                const image::Config& config) {
  std::vector<LayerSize> sizes;
  std::optional<image::Manifest> manifest;
  for (auto& chain : rootfs::content::chain_ids(config.diff_ids)) {
    LayerSize& size = sizes.emplace_back(LayerSize{std::move(chain), 0});
    if (const auto info = layers.info(size.chain_id)) {
      size.bytes = info->size;
      continue;
    }
    if (!manifest) manifest = store.manifest(of).value_or(image::Manifest{});
    const std::size_t number = sizes.size() - 1;
    if (number < manifest->layers.size()) size.bytes = manifest->layers[number].size;
  }
  return sizes;
}

Result<Entry> read_entry(const rootfs::layer::LayerStore& layers, const image::ImageStore& store,
                         const image::Image& of) {
  Entry entry{of, {}, 0, {}, {}};
  TRY(entry.config, store.config(of));
  entry.created = log::parse_time(entry.config.created).value_or(0);
  entry.layers = sizes_of(layers, store, of, entry.config);
  return entry;
}

bool is_here(const image::ImageStore& store, const image::Image& wanted) {
  const auto all = store.images();
  return all && std::ranges::find(*all, wanted.id, &image::Image::id) != all->end();
}

}  // namespace

std::uint64_t Entry::size() const {
  std::uint64_t sum = 0;
  for (const LayerSize& layer : layers) sum += layer.bytes;
  return sum;
}

Result<Entry> entry_of(const state::Roots& roots, const image::ImageStore& store,
                       const image::Image& image) {
  TRY(const auto layers, rootfs::layer::LayerStore::open(roots.data));
  return read_entry(layers, store, image);
}

Result<std::vector<Entry>> catalog(const state::Roots& roots) {
  TRY(const auto store, image::ImageStore::open(roots.data));
  TRY(const auto layers, rootfs::layer::LayerStore::open(roots.data));
  TRY(const auto all, store.images());
  std::vector<Entry> entries;
  for (const image::Image& one : all) {
    auto entry = read_entry(layers, store, one);
    if (entry) {
      entries.push_back(*std::move(entry));
    } else if (is_here(store, one)) {
      entries.push_back({one, {}, 0, {}, entry.error().message()});
    }
  }
  // Of one moment: the one that came last.
  std::ranges::reverse(entries);
  std::ranges::stable_sort(entries, std::ranges::greater(), &Entry::created);
  return entries;
}

Shares shares_of(const std::vector<Entry>& entries) {
  std::map<rootfs::content::Digest, int> users;
  Shares shares;
  for (const Entry& entry : entries) {
    for (const LayerSize& layer : entry.layers) {
      if (users[layer.chain_id]++ == 0) shares.all += layer.bytes;
    }
  }
  for (const Entry& entry : entries) {
    std::uint64_t unique = 0;
    for (const LayerSize& layer : entry.layers) {
      if (users[layer.chain_id] == 1) unique += layer.bytes;
    }
    shares.uniques.push_back(unique);
  }
  return shares;
}

}  // namespace mycontainer::runtime::images
