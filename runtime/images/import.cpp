#include "runtime/images/import.h"

#include <ctime>

#include "rootfs/archive/decompress.h"
#include "rootfs/image/change.h"
#include "runtime/images/sweep.h"
#include "runtime/images/unpack_layers.h"
#include "runtime/state/event_log.h"

namespace mycontainer::runtime::images {

namespace {

namespace image = rootfs::image;
using image::Config;
using image::Descriptor;
using image::Manifest;
using rootfs::content::BlobStore;
using rootfs::content::Digest;

// RFC 3339 with nanoseconds, in UTC.
std::string now_text() {
  timespec now{};
  (void)::clock_gettime(CLOCK_REALTIME, &now);
  std::tm utc{};
  (void)::gmtime_r(&now.tv_sec, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, now.tv_nsec);
}

Result<Descriptor> store_layer(const BlobStore& blobs, int input) {
  rootfs::archive::Decompressor stream(rootfs::archive::read_from(input));
  TRY(auto writer, blobs.begin());
  while (true) {
    TRY(const std::string_view piece, stream.next());
    if (piece.empty()) break;
    TRY_VOID(writer.write(piece));
  }
  const std::uint64_t size = writer.offset();
  if (size == 0) return fail("the archive is empty");
  TRY(Digest digest, writer.commit());
  return Descriptor{std::string(image::media_type::kOciLayer), std::move(digest), size};
}

Result<Config> make_config(const ImportRequest& request, const Digest& diff_id) {
  Config config;
  config.platform = request.platform ? *request.platform : image::host_platform();
  config.created = now_text();
  TRY_VOID(image::apply_changes(config.config, request.changes));
  config.diff_ids = {diff_id};
  image::History entry;
  entry.created = config.created;
  entry.comment = request.message.empty() ? "Imported from -" : request.message;
  config.history = {std::move(entry)};
  return config;
}

Result<Descriptor> put_document(const BlobStore& blobs, std::string_view media_type,
                                const std::string& text) {
  TRY(Digest digest, blobs.put(text));
  return Descriptor{std::string(media_type), std::move(digest), text.size()};
}

Result<void> unpack(const state::Roots& roots, const image::ImageStore& store,
                    const Manifest& manifest, const Config& config) {
  TRY(const auto layers, open_layer_store(roots.data));
  TRY(LayerUnpacking unpacking,
      LayerUnpacking::start(store, layers, manifest, config.diff_ids, {}));
  unpacking.blob_is_here(0);
  TRY_VOID(unpacking.finish());
  return {};
}

Result<std::optional<std::string>> parse_name(const std::string& typed) {
  if (typed.empty()) return std::optional<std::string>();
  TRY(const image::Reference reference, image::parse_tagged_reference(typed));
  if (!reference.digest.empty()) return fail("cannot import digest reference");
  return std::optional(reference.text());
}

Result<Digest> make_image(const state::Roots& roots, const image::ImageStore& store,
                          const ImportRequest& request) {
  TRY(const image::Use use, store.use());
  TRY(auto name, parse_name(request.name));
  // A mistake in them is told before anything is read.
  image::ContainerConfig changed;
  TRY_VOID(image::apply_changes(changed, request.changes));
  const BlobStore& blobs = store.blobs();
  Manifest manifest;
  manifest.media_type = image::media_type::kOciManifest;
  TRY(Descriptor layer, store_layer(blobs, request.input));
  TRY(const Config config, make_config(request, layer.digest));
  manifest.layers = {std::move(layer)};
  TRY(manifest.config, put_document(blobs, image::media_type::kOciConfig, image::to_json(config)));
  TRY_VOID(unpack(roots, store, manifest, config));
  TRY(Descriptor descriptor, put_document(blobs, manifest.media_type, image::to_json(manifest)));
  image::NewImage added{std::move(descriptor), manifest.config.digest, std::move(name), {}, false};
  TRY_VOID(store.add(use, added));
  const std::string& id = added.id.text();
  state::append_event(
      roots, {state::now(), "image", "import", id, {{"name", added.name ? *added.name : id}}});
  return added.id;
}

}  // namespace

Result<Digest> import(const state::Roots& roots, const ImportRequest& request) {
  TRY(const image::ImageStore store, image::ImageStore::open(roots.data));
  auto made = make_image(roots, store, request);
  if (made) {
    sweep_if_wanted(roots);
  } else {
    (void)sweep(roots);
  }
  return made;
}

}  // namespace mycontainer::runtime::images
