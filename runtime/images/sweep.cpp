#include "runtime/images/sweep.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "reexec/sys/file.h"
#include "rootfs/layer/overlay.h"
#include "runtime/ids/remove_foreign_tree.h"
#include "runtime/state/live.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::images {

namespace {

using rootfs::content::Digest;
using rootfs::image::ImageStore;

bool runs(const state::Roots& roots, const state::Record& record) {
  const state::Status status = state::effective_state(roots, record).status;
  return status == state::Status::kRunning || status == state::Status::kRestarting;
}

// The name of the topmost layer of our own store in the container's configuration: the hex of a chain ID.
Result<std::string> top_layer(const state::Roots& roots, const std::string& id) {
  TRY(const auto container, state::Container::open(roots, id));
  TRY(const oci::Spec spec, container.read_spec());
  const std::string layers = roots.data + "/layers/";
  if (spec.mounts.empty() || spec.mounts.front().type != "overlay") return std::string();
  TRY(const auto overlay, rootfs::layer::parse_overlay_options(spec.mounts.front().options));
  for (const std::string& lower : overlay.lower) {
    if (!lower.starts_with(layers)) continue;
    return lower.substr(layers.size(), lower.find('/', layers.size()) - layers.size());
  }
  return std::string();
}

// The image configuration whose topmost layer that is.
std::optional<Digest> config_of_layer(const rootfs::content::BlobStore& blobs,
                                      const std::vector<Digest>& here, std::string_view layer) {
  constexpr std::size_t kMaxConfig = std::size_t{4} << 20;
  for (const Digest& digest : here) {
    const auto size = blobs.size(digest);
    if (!size || *size > kMaxConfig) continue;
    const auto text = blobs.read(digest, kMaxConfig);
    if (!text || text->find("\"diff_ids\"") == std::string::npos) continue;
    const auto config = rootfs::image::parse_config(*text);
    if (!config || config->diff_ids.empty()) continue;
    if (rootfs::content::chain_ids(config->diff_ids).back().hex() == layer) return digest;
  }
  return std::nullopt;
}

Failure cannot_tell(const state::Listed& container) {
  auto failure = fail("nothing is swept: what the broken container {} needs cannot be told",
                      container.record.id.substr(0, 12));
  failure.value().hint = "`rm` removes it";
  return failure;
}

// What a container needs whose record cannot be read: its configuration says it, too.
Result<std::optional<Digest>> image_of_broken(const state::Roots& roots, const ImageStore& store,
                                              const state::Listed& container) {
  const auto layer = top_layer(roots, container.record.id);
  if (!layer) return cannot_tell(container);
  if (layer->empty()) return std::optional<Digest>();
  TRY(const std::vector<Digest> here, store.blobs().list());
  const auto config = config_of_layer(store.blobs(), here, *layer);
  if (!config) return cannot_tell(container);
  return config;
}

Result<std::set<Digest>> used_configs(const state::Roots& roots, const ImageStore& store) {
  std::set<Digest> used;
  TRY(const auto containers, state::list(roots));
  for (const state::Listed& container : containers) {
    if (!container.broken.empty()) {
      TRY(const auto image, image_of_broken(roots, store, container));
      if (image) used.insert(*image);
    } else if (const auto image = Digest::parse(container.record.image_id)) {
      used.insert(*image);
    }
  }
  return used;
}

// What its record says; nothing was lost when there is none.
std::uint64_t size_of_layer(const std::string& directory) {
  constexpr std::size_t kMaxRecord = 64 << 10;
  const auto text = sys::read_regular_at(AT_FDCWD, directory + "/layer.json", kMaxRecord);
  if (!text) return 0;
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object()) return 0;
  const auto size = json.find("size");
  return size != json.end() && size->is_number_unsigned() ? size->get<std::uint64_t>() : 0;
}

Result<void> remove_layer(const std::string& directory) {
  if (::geteuid() == 0) return sys::remove_tree_at(AT_FDCWD, directory);
  return ids::remove_foreign_tree(directory);
}

}  // namespace

Result<Collected> sweep(const state::Roots& roots) {
  TRY(const ImageStore store, ImageStore::open(roots.data));
  TRY(auto swept, store.sweep([&] { return used_configs(roots, store); }));
  Collected collected;
  if (!swept) return collected;
  collected.bytes = swept->bytes;
  collected.blobs = std::move(swept->blobs);
  std::optional<Error> failed;
  for (const std::string& tree : swept->trees) {
    const std::uint64_t size = size_of_layer(tree);
    auto removed = remove_layer(tree);
    if (removed) {
      collected.bytes += size;
    } else if (removed.error().code != ENOENT) {  // another sweep may be removing it, too
      failed = std::move(removed).error();
    }
  }
  if (failed) return Failure(*std::move(failed));
  return collected;
}

void sweep_if_wanted(const state::Roots& roots) {
  const auto store = ImageStore::open(roots.data);
  if (store && store->wants_sweep()) (void)sweep(roots);
}

Result<std::vector<UsedBy>> images_in_use(const state::Roots& roots) {
  std::vector<UsedBy> used;
  TRY(const auto containers, state::list(roots));
  for (const state::Listed& container : containers) {
    const auto image = Digest::parse(container.record.image_id);
    if (!container.broken.empty() || !image) continue;
    used.push_back({*image, container.record.id, runs(roots, container.record)});
  }
  std::ranges::stable_partition(used, &UsedBy::runs);
  return used;
}

}  // namespace mycontainer::runtime::images
