#include "runtime/images/unpack_layers.h"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "rootfs/layer/unpack_layer.h"
#include "runtime/ids/id_maps.h"
#include "runtime/ids/remove_foreign_tree.h"
#include "runtime/launch/id_maps.h"

namespace mycontainer::runtime::images {

namespace {

using rootfs::content::BlobStore;
using rootfs::content::Digest;
using rootfs::layer::LayerIds;
using rootfs::layer::LayerStore;
using rootfs::layer::LayerUnpacker;
using rootfs::layer::Unfinished;
using rootfs::layer::Unpacked;

// Layers that are unpacked while a lower one is not: each is a process that waits.
constexpr std::size_t kMostAhead = 64;

bool is_ordinary_user() { return ::geteuid() != 0; }

LayerIds ids_of_layers() {
  if (!is_ordinary_user()) return {};
  auto maps = ids::rootless_id_maps();
  return {launch::id_maps(maps.uids), launch::id_maps(maps.gids), std::move(maps.limitation)};
}

// A layer whose tree is made, until it becomes visible.
struct Finished {
  Unfinished place;
  LayerUnpacker unpacker;
  Unpacked unpacked;
};

enum class State : std::uint8_t { kAwaited, kBlobHere, kUnderWay, kUnpacked, kVisible };

struct Layer {
  rootfs::image::Descriptor blob;
  Digest diff_id, chain_id;
  State state = State::kAwaited;
  bool needed = false;
  std::optional<Finished> finished = {};
};

std::vector<std::string> trees_below(const LayerStore& store, const std::vector<Layer>& layers,
                                     std::size_t number) {
  std::vector<std::string> trees;
  while (number > 0) trees.push_back(store.tree(layers[--number].chain_id));
  return trees;
}

// Whether the layer is here, and this blob is known to be it. Anybody may write a manifest that gives
// another's configuration other blobs: unless these are unpacked, too, nobody notices before the
// image is saved or pushed with them.
bool is_known(const LayerStore& store, const Layer& layer) {
  if (!store.has(layer.chain_id)) return false;
  if (layer.blob.digest == layer.diff_id) return true;
  const auto info = store.info(layer.chain_id);
  return info && info->blob == layer.blob.digest;
}

Result<std::vector<Digest>> chain_of(const rootfs::image::Manifest& manifest,
                                     const std::vector<Digest>& diff_ids) {
  if (manifest.layers.size() != diff_ids.size()) {
    return fail("the image's manifest has {} layers, but its configuration {}",
                manifest.layers.size(), diff_ids.size());
  }
  return rootfs::content::chain_ids(diff_ids);
}

}  // namespace

struct LayerUnpacking::Impl {
  Impl(const BlobStore& blob_store, const LayerStore& layer_store, Report to)
      : blobs(blob_store), store(layer_store), report(std::move(to)) {}

  void work();
  void unpack_next(std::unique_lock<std::mutex>& lock, std::size_t number);
  void publish_ready(std::unique_lock<std::mutex>& lock);
  Result<Finished> unpack(std::size_t number);
  Result<void> publish(std::size_t number, Finished finished);
  [[nodiscard]] std::optional<std::size_t> next_to_unpack() const;
  void fail_with(Error why);
  void tell(std::size_t number, Phase phase, std::uint64_t current);
  void tell_limits();
  void begin_threads();
  void stop();

  const BlobStore& blobs;
  LayerStore store;
  Report report;
  std::mutex report_mutex;
  LayerIds ids;

  std::mutex mutex;  // for all that follows
  std::condition_variable changed;
  std::vector<Layer> layers;  // the lowest first
  std::size_t visible = 0;    // how many of them are, from the lowest up
  std::set<const LayerUnpacker*> under_way;
  bool publishing = false, stopping = false;
  std::optional<Error> error;
  std::uint64_t squashed = 0, left_out = 0;

  std::vector<std::thread> threads;
};

void LayerUnpacking::Impl::tell(std::size_t number, Phase phase, std::uint64_t current) {
  if (!report) return;
  const std::lock_guard guard(report_mutex);
  const auto& blob = layers[number].blob;
  report({blob.digest.short_hex(), phase, current, blob.size});
}

// Of all layers together, once.
void LayerUnpacking::Impl::tell_limits() {
  if (!report || (squashed == 0 && left_out == 0)) return;
  std::string text = "Warning:";
  if (squashed > 0) {
    text +=
        fmt::format(" {} files belong to ids that user {} has no numbers for; they are root's here",
                    squashed, ::geteuid());
    if (!ids.limitation.empty()) text += " (" + ids.limitation + ")";
  }
  if (left_out > 0) {
    text += fmt::format("{} {} device nodes were left out: only root can make them",
                        squashed > 0 ? ";" : "", left_out);
  }
  const std::lock_guard guard(report_mutex);
  report({"", Phase::kLine, 0, 0, std::move(text)});
}

std::optional<std::size_t> LayerUnpacking::Impl::next_to_unpack() const {
  const std::size_t end = std::min(layers.size(), visible + kMostAhead);
  for (std::size_t number = visible; number < end; ++number) {
    if (layers[number].state == State::kBlobHere) return number;
  }
  return std::nullopt;
}

Result<Finished> LayerUnpacking::Impl::unpack(std::size_t number) {
  const Layer& layer = layers[number];
  TRY(const UniqueFd blob, blobs.open_blob(layer.blob.digest));
  TRY(const std::uint64_t size, blobs.size(layer.blob.digest));
  TRY(Unfinished place, store.begin());
  rootfs::layer::UnpackRequest request;
  request.blob = blob.get();
  request.blob_size = size;
  request.tree = place.tree();
  request.diff_id = layer.diff_id;
  request.user_xattr = is_ordinary_user();
  request.ids = ids;
  request.progress = [this, number](std::uint64_t read) { tell(number, Phase::kExtracting, read); };
  tell(number, Phase::kExtracting, 0);
  TRY(LayerUnpacker unpacker, LayerUnpacker::start(request));
  {
    const std::lock_guard guard(mutex);
    if (stopping) return fail_code(ECANCELED, "unpack");
    under_way.insert(&unpacker);
  }
  auto unpacked = unpacker.wait();
  {
    const std::lock_guard guard(mutex);
    under_way.erase(&unpacker);
  }
  TRY(Unpacked result, unpacked);
  return Finished{std::move(place), std::move(unpacker), std::move(result)};
}

Result<void> LayerUnpacking::Impl::publish(std::size_t number, Finished finished) {
  const Layer& layer = layers[number];
  const Unpacked& unpacked = finished.unpacked;
  if (!unpacked.implied.empty()) {
    TRY_VOID(finished.unpacker.adopt_directories(trees_below(store, layers, number)));
  }
  return store.publish(std::move(finished.place), layer.chain_id,
                       {unpacked.diff_id, unpacked.size, unpacked.squashed, layer.blob.digest});
}

void LayerUnpacking::Impl::fail_with(Error why) {
  if (!error) error = std::move(why);
  stopping = true;
  for (const LayerUnpacker* unpacker : under_way) unpacker->stop();
}

// Whoever finds the lowest one ready goes on with those above it.
void LayerUnpacking::Impl::publish_ready(std::unique_lock<std::mutex>& lock) {
  if (publishing) return;
  publishing = true;
  while (!stopping && visible < layers.size()) {
    const std::size_t number = visible;
    Layer& layer = layers[number];
    if (layer.state == State::kUnpacked) {
      Finished finished = std::move(*layer.finished);
      layer.finished.reset();
      squashed += finished.unpacked.squashed;
      left_out += finished.unpacked.left_out;
      lock.unlock();
      auto published = publish(number, std::move(finished));
      if (published) tell(number, Phase::kDone, layer.blob.size);
      lock.lock();
      if (!published) {
        fail_with(std::move(published).error());
        break;
      }
      layer.state = State::kVisible;
    }
    if (layer.state != State::kVisible) break;
    ++visible;
  }
  publishing = false;
}

void LayerUnpacking::Impl::unpack_next(std::unique_lock<std::mutex>& lock, std::size_t number) {
  layers[number].state = State::kUnderWay;
  lock.unlock();
  auto finished = unpack(number);
  lock.lock();
  if (!finished) {
    const std::string name = layers[number].blob.digest.short_hex();
    return fail_with(within("layer " + name, std::move(finished).error()).value());
  }
  layers[number].finished.emplace(std::move(*finished));
  layers[number].state = State::kUnpacked;
}

// A thread stays until all is done: its children end with it (PR_SET_PDEATHSIG).
void LayerUnpacking::Impl::work() {
  std::unique_lock lock(mutex);
  while (!stopping && visible < layers.size()) {
    if (const auto number = next_to_unpack()) {
      unpack_next(lock, *number);
      publish_ready(lock);
      changed.notify_all();
    } else {
      changed.wait(lock);
    }
  }
}

void LayerUnpacking::Impl::begin_threads() {
  while (visible < layers.size() && layers[visible].state == State::kVisible) ++visible;
  const auto needed = static_cast<std::size_t>(std::ranges::count(layers, true, &Layer::needed));
  const long processors = ::sysconf(_SC_NPROCESSORS_ONLN);
  const auto most = static_cast<std::size_t>(std::max(processors, 1L));
  for (std::size_t i = 0; i < std::min(needed, most); ++i) {
    threads.emplace_back([this] { work(); });
  }
}

void LayerUnpacking::Impl::stop() {
  {
    const std::lock_guard guard(mutex);
    if (visible < layers.size() && !stopping) {
      fail_with(Error{"unpacking was stopped", ECANCELED, {}, 0});
    }
  }
  changed.notify_all();
  for (std::thread& thread : threads) thread.join();
  threads.clear();
}

LayerUnpacking::LayerUnpacking(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LayerUnpacking::LayerUnpacking(LayerUnpacking&&) noexcept = default;
LayerUnpacking::~LayerUnpacking() {
  if (impl_) impl_->stop();
}

Result<LayerUnpacking> LayerUnpacking::start(const rootfs::image::ImageStore& store,
                                             const LayerStore& layers,
                                             const rootfs::image::Manifest& manifest,
                                             const std::vector<Digest>& diff_ids, Report report) {
  TRY(const auto chain, chain_of(manifest, diff_ids));
  auto impl = std::make_unique<Impl>(store.blobs(), layers, std::move(report));
  for (std::size_t i = 0; i < chain.size(); ++i) {
    Layer& layer = impl->layers.emplace_back(Layer{manifest.layers[i], diff_ids[i], chain[i]});
    layer.needed = !is_known(layers, layer);
    if (!layer.needed) layer.state = State::kVisible;
  }
  if (std::ranges::any_of(impl->layers, &Layer::needed)) impl->ids = ids_of_layers();
  impl->begin_threads();
  return LayerUnpacking(std::move(impl));
}

bool LayerUnpacking::needs(std::size_t number) const { return impl_->layers[number].needed; }

void LayerUnpacking::blob_is_here(std::size_t number) {
  {
    const std::lock_guard guard(impl_->mutex);
    State& state = impl_->layers[number].state;
    if (state == State::kAwaited) state = State::kBlobHere;
  }
  impl_->changed.notify_all();
}

Result<std::vector<std::string>> LayerUnpacking::finish() {
  Impl& impl = *impl_;
  {
    std::unique_lock lock(impl.mutex);
    while (!impl.stopping && impl.visible < impl.layers.size()) impl.changed.wait(lock);
  }
  impl.stop();
  if (impl.error) return Failure(*impl.error);
  impl.tell_limits();
  if (std::ranges::any_of(impl.layers, &Layer::needed)) impl.store.sync_in_background();
  return trees_below(impl.store, impl.layers, impl.layers.size());
}

Result<LayerStore> open_layer_store(const std::string& data_root) {
  if (is_ordinary_user()) return LayerStore::open(data_root, ids::remove_foreign_tree);
  return LayerStore::open(data_root);
}

Result<std::vector<std::string>> ensure_layers(const rootfs::image::ImageStore& store,
                                               const std::string& data_root,
                                               const rootfs::image::Manifest& manifest,
                                               const std::vector<Digest>& diff_ids,
                                               const Report& report) {
  TRY(const LayerStore layers, open_layer_store(data_root));
  TRY(const auto chain, chain_of(manifest, diff_ids));
  if (std::ranges::all_of(chain, [&layers](const Digest& id) { return layers.has(id); })) {
    std::vector<std::string> trees;
    for (const Digest& id : chain) trees.insert(trees.begin(), layers.tree(id));
    return trees;
  }
  TRY(LayerUnpacking unpacking, LayerUnpacking::start(store, layers, manifest, diff_ids, report));
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (unpacking.needs(i)) unpacking.blob_is_here(i);
  }
  return unpacking.finish();
}

}  // namespace mycontainer::runtime::images
