#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "rootfs/archive/decompress.h"
#include "rootfs/layer/unpack_stream.h"
#include "runtime/images/archive_images.h"
#include "runtime/images/unpack_layers.h"

namespace mycontainer::runtime::images {

namespace {

namespace archive = rootfs::archive;
namespace image = rootfs::image;
using archive::Compression;
using image::Descriptor;
using image::ImageStore;
using image::Manifest;
using rootfs::content::BlobStore;
using rootfs::content::Digest;
using rootfs::layer::LayerStore;

// What is to be stored, and where in the archive it stands.
struct Plan {
  Descriptor descriptor;
  Manifest manifest;
  image::Config config;
  std::vector<std::string> layers;
};

Failure wrong_size(const Descriptor& wanted, std::uint64_t size) {
  return fail("{} has {} bytes, not the {} it was declared with", wanted.digest.text(), size,
              wanted.size);
}

Result<std::string> bring_text(const ArchiveMembers& members, const BlobStore& blobs,
                               const Descriptor& wanted) {
  TRY(const StoredMember stored, members.bring(blob_member(wanted.digest), wanted.digest));
  if (stored.size != wanted.size) return wrong_size(wanted, stored.size);
  return blobs.read(wanted.digest);
}

Result<Plan> plan_by_manifest(const ArchiveMembers& members, const BlobStore& blobs,
                              const Descriptor& descriptor) {
  Plan plan;
  plan.descriptor = descriptor;
  TRY(const std::string text, bring_text(members, blobs, descriptor));
  TRY(plan.manifest, image::parse_manifest(text, descriptor.media_type));
  // It may have come without one.
  plan.descriptor.media_type = plan.manifest.media_type;
  plan.descriptor.annotations.clear();
  TRY(const std::string config, bring_text(members, blobs, plan.manifest.config));
  TRY(plan.config, image::parse_config(config));
  for (const Descriptor& layer : plan.manifest.layers) {
    if (!image::is_layer(layer.media_type)) {
      return fail("its layer {} is of the type {}, which is no layer of files", layer.digest.text(),
                  layer.media_type.substr(0, 100));
    }
    plan.layers.push_back(blob_member(layer.digest));
  }
  return plan;
}

std::string media_type(Compression compression) {
  const std::string plain(image::media_type::kOciLayer);
  if (compression == Compression::kGzip) return plain + "+gzip";
  return compression == Compression::kZstd ? plain + "+zstd" : plain;
}

// Of the compressions that no media type tells of.
Result<StoredMember> store_decompressed(const BlobStore& blobs, const Digest& compressed) {
  TRY(const UniqueFd blob, blobs.open_blob(compressed));
  TRY(const std::uint64_t blob_size, blobs.size(compressed));
  const std::uint64_t limit = rootfs::layer::most_uncompressed(blob_size);
  archive::Decompressor decompressor(archive::read_from(blob.get()));
  TRY(auto writer, blobs.begin());
  while (true) {
    TRY(const std::string_view piece, decompressor.next());
    if (piece.empty()) break;
    if (piece.size() > limit - writer.offset()) {
      return fail_code(EFBIG, "the layer unpacks to more than {} bytes, too many for its blob",
                       limit);
    }
    TRY_VOID(writer.write(piece));
  }
  const std::uint64_t size = writer.offset();
  TRY(Digest digest, writer.commit());
  return StoredMember{std::move(digest), size};
}

// An uncompressed layer need not be read to know its digest: it must be its diff ID.
Result<Descriptor> describe_layer(const ArchiveMembers& members, const BlobStore& blobs,
                                  const std::string& name, const Digest& diff_id) {
  if (blobs.has(diff_id)) {
    TRY(const std::uint64_t size, blobs.size(diff_id));
    return Descriptor{media_type(Compression::kNone), diff_id, size};
  }
  TRY(const auto look, members.look(name));
  const Compression compression = archive::compression_of(look.beginning);
  if (compression == Compression::kNone) {
    return Descriptor{media_type(compression), diff_id, look.size};
  }
  TRY(StoredMember stored, members.bring(name, look.digest));
  if (compression == Compression::kXz || compression == Compression::kBzip2) {
    TRY(stored, store_decompressed(blobs, stored.digest));
    return Descriptor{media_type(Compression::kNone), stored.digest, stored.size};
  }
  return Descriptor{media_type(compression), stored.digest, stored.size};
}

Result<Plan> plan_by_parts(const ArchiveMembers& members, const BlobStore& blobs,
                           const image::DockerArchiveImage& parts) {
  Plan plan;
  TRY(const StoredMember config, members.bring(parts.config, digest_of_member(parts.config)));
  TRY(const std::string text, blobs.read(config.digest));
  TRY(plan.config, image::parse_config(text));
  if (plan.config.diff_ids.size() != parts.layers.size()) {
    return fail("manifest.json has {} layers, the configuration {}", parts.layers.size(),
                plan.config.diff_ids.size());
  }
  plan.manifest.media_type = image::media_type::kOciManifest;
  plan.manifest.config = {std::string(image::media_type::kOciConfig), config.digest, config.size};
  for (std::size_t number = 0; number < parts.layers.size(); ++number) {
    TRY(Descriptor layer,
        describe_layer(members, blobs, parts.layers[number], plan.config.diff_ids[number]));
    plan.manifest.layers.push_back(std::move(layer));
  }
  plan.layers = parts.layers;
  return plan;
}

// Several at a time where the archive allows it: their digests take as long as their unpacking.
class LayerBringing {
 public:
  LayerBringing(const ArchiveMembers& members, const Plan& plan, LayerUnpacking& unpacking)
      : members_(members), plan_(plan), unpacking_(unpacking) {}

  Result<void> run() {
    const std::size_t processors = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::thread> threads(std::min(processors, plan_.layers.size()));
    for (std::thread& thread : threads) thread = std::thread([this] { work(); });
    for (std::thread& thread : threads) thread.join();
    if (error_) return Failure(std::move(*error_));
    return {};
  }

 private:
  void work() {
    while (!failed_) {
      const std::size_t number = next_++;
      if (number >= plan_.layers.size()) return;
      if (auto done = bring(number); !done) {
        const std::lock_guard lock(mutex_);
        if (!error_) error_ = std::move(done).error();
        failed_ = true;
      }
    }
  }

  Result<void> bring(std::size_t number) {
    const Descriptor& layer = plan_.manifest.layers[number];
    TRY(const StoredMember stored, members_.bring(plan_.layers[number], layer.digest));
    if (stored.size != layer.size) return wrong_size(layer, stored.size);
    unpacking_.blob_is_here(number);
    return {};
  }

  const ArchiveMembers& members_;
  const Plan& plan_;
  LayerUnpacking& unpacking_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::optional<Error> error_;
};

}  // namespace

Result<image::NewImage> bring_image(const ArchiveMembers& members, const ImageStore& store,
                                    const LayerStore& layers, const ArchivedImage& image,
                                    const Report& report) {
  const BlobStore& blobs = store.blobs();
  TRY(Plan plan, image.manifest ? plan_by_manifest(members, blobs, *image.manifest)
                                : plan_by_parts(members, blobs, image.parts));
  TRY(LayerUnpacking unpacking,
      LayerUnpacking::start(store, layers, plan.manifest, plan.config.diff_ids, report));
  TRY_VOID(LayerBringing(members, plan, unpacking).run());
  TRY_VOID(unpacking.finish());
  if (!image.manifest) {
    const std::string text = rootfs::image::to_json(plan.manifest);
    TRY(Digest digest, blobs.put(text));
    plan.descriptor = {plan.manifest.media_type, std::move(digest), text.size()};
  }
  return rootfs::image::NewImage{plan.descriptor, plan.manifest.config.digest, {}, {}, false};
}

}  // namespace mycontainer::runtime::images
