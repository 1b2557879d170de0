#include "runtime/images/pull_image.h"

#include <algorithm>
#include <set>

#include "rootfs/image/config.h"
#include "runtime/images/download.h"
#include "runtime/images/interruption.h"
#include "runtime/images/unpack_layers.h"

namespace mycontainer::runtime::images {

namespace {

namespace image = rootfs::image;
namespace registry = rootfs::registry;
using rootfs::content::BlobStore;
using rootfs::content::Digest;

constexpr std::uint64_t kMostConfigBytes = std::uint64_t{4} << 20;

void say(const ImagePull& pull, std::string text) {
  if (pull.report) pull.report({.layer = {}, .phase = Phase::kLine, .text = std::move(text)});
}

// A tag or a digest: what the registry is asked for.
std::string asked_for(const image::Reference& reference) {
  return reference.digest.empty() ? reference.tag : reference.digest.text();
}

struct Chosen {
  image::Descriptor descriptor;
  image::Manifest manifest;
  Digest asked;  // of the manifest or index that the reference means
};

Result<image::Descriptor> choose_from(std::string_view text, const std::string& media_type,
                                      const image::Platform& platform) {
  TRY(const image::Index index, image::parse_index(text, media_type));
  const image::Descriptor* entry = image::choose(index.manifests, platform);
  if (entry == nullptr) {
    return fail_code(ENOENT, "no matching manifest for {} in the manifest list entries",
                     image::to_text(platform));
  }
  // Of an index in an index nobody knows for which machine it is.
  if (!image::is_manifest(entry->media_type)) {
    return fail("the manifest list has {} for this platform", entry->media_type);
  }
  return *entry;
}

Result<void> keep(const BlobStore& blobs, const Digest& digest, std::string_view bytes) {
  if (blobs.has(digest)) return {};
  TRY(auto writer, blobs.begin(digest, bytes.size()));
  if (blobs.has(digest)) return {};
  TRY_VOID(writer.restart());
  TRY_VOID(writer.write(bytes));
  TRY(const Digest kept, writer.commit());
  return {};
}

Result<Chosen> choose_manifest(const ImagePull& pull, registry::Client& client) {
  TRY(auto fetched, client.manifest(asked_for(pull.reference)));
  Chosen chosen;
  chosen.asked = fetched.digest;
  if (fetched.media_type.empty()) {
    TRY(fetched.media_type, image::media_type_of(fetched.bytes));
  }
  if (image::is_index(fetched.media_type)) {
    const image::Platform platform = pull.platform.value_or(image::host_platform());
    TRY(const auto entry, choose_from(fetched.bytes, fetched.media_type, platform));
    TRY(fetched, client.manifest(entry.digest.text()));
    if (fetched.bytes.size() != entry.size) {
      return fail("{} has {} bytes, not the {} of the manifest list", entry.digest.text(),
                  fetched.bytes.size(), entry.size);
    }
    fetched.media_type = entry.media_type;
  }
  TRY(chosen.manifest, image::parse_manifest(fetched.bytes, fetched.media_type));
  TRY_VOID(keep(pull.store.blobs(), fetched.digest, fetched.bytes));
  chosen.descriptor = {fetched.media_type, fetched.digest, fetched.bytes.size()};
  return chosen;
}

Result<void> check_layers(const image::Manifest& manifest) {
  const std::string& config = manifest.config.media_type;
  if (config != image::media_type::kOciConfig && config != image::media_type::kDockerConfig) {
    return fail("this is no image of a container but {}",
                config.empty() ? "nothing known" : config);
  }
  for (const image::Descriptor& layer : manifest.layers) {
    if (!image::is_layer(layer.media_type)) {
      return fail("layers of the kind {} are not supported", layer.media_type);
    }
  }
  return {};
}

Result<image::Config> fetch_config(const ImagePull& pull, registry::Client& client,
                                   const image::Manifest& manifest) {
  if (manifest.config.size > kMostConfigBytes)
    return fail("the image's configuration is too large");
  const BlobStore& blobs = pull.store.blobs();
  TRY_VOID(download_blob(client, blobs, manifest.config, {}));
  TRY(const std::string text, blobs.read(manifest.config.digest));
  TRY(image::Config config, image::parse_config(text));
  if (config.diff_ids.size() != manifest.layers.size()) {
    return fail("the manifest has {} layers, the configuration {}", manifest.layers.size(),
                config.diff_ids.size());
  }
  if (pull.platform && !image::matches(*pull.platform, config.platform)) {
    return fail("{} was found but its platform ({}) does not match the specified platform ({})",
                pull.name.familiar(), image::to_text(config.platform),
                image::to_text(*pull.platform));
  }
  return config;
}

// The same blob may be several layers: it comes once.
class Layers {
 public:
  Layers(const ImagePull& pull, const image::Manifest& manifest, LayerUnpacking& unpacking)
      : pull_(pull), manifest_(manifest), unpacking_(unpacking) {
    std::set<Digest> seen;
    for (const image::Descriptor& layer : manifest.layers) {
      const bool is_new = seen.insert(layer.digest).second;
      if (is_new && !pull.store.blobs().has(layer.digest)) wanted_.push_back(layer);
    }
  }

  Result<void> download(registry::Client& client) {
    for (std::size_t i = 0; i < manifest_.layers.size(); ++i) {
      const image::Descriptor& layer = manifest_.layers[i];
      const bool missing = is_wanted(layer.digest);
      const Phase phase = missing || unpacking_.needs(i) ? Phase::kWaiting : Phase::kExists;
      if (pull_.report) pull_.report({layer.digest.short_hex(), phase, 0, layer.size, {}});
      if (!missing) unpack(i);
    }
    return download_blobs(
        client, pull_.store.blobs(), wanted_,
        [this](std::size_t number) { is_here(wanted_[number]); }, pull_.report);
  }

 private:
  [[nodiscard]] bool is_wanted(const Digest& digest) const {
    return std::ranges::find(wanted_, digest, &image::Descriptor::digest) != wanted_.end();
  }
  void unpack(std::size_t number) {
    if (unpacking_.needs(number)) unpacking_.blob_is_here(number);
  }
  void is_here(const image::Descriptor& blob) {
    bool unpacked_later = false;
    for (std::size_t i = 0; i < manifest_.layers.size(); ++i) {
      if (manifest_.layers[i].digest != blob.digest) continue;
      unpacked_later = unpacked_later || unpacking_.needs(i);
      unpack(i);
    }
    if (unpacked_later || !pull_.report) return;
    pull_.report({blob.digest.short_hex(), Phase::kDone, blob.size, blob.size, {}});
  }

  const ImagePull& pull_;
  const image::Manifest& manifest_;
  LayerUnpacking& unpacking_;
  std::vector<image::Descriptor> wanted_;
};

Result<void> fetch_layers(const ImagePull& pull, registry::Client& client, const Chosen& chosen,
                          const image::Config& config) {
  TRY(const auto layers, open_layer_store(pull.data_root));
  TRY(auto unpacking,
      LayerUnpacking::start(pull.store, layers, chosen.manifest, config.diff_ids, pull.report));
  Layers work(pull, chosen.manifest, unpacking);
  TRY_VOID(work.download(client));
  auto trees = unpacking.finish();
  // A Ctrl-C also reaches those who unpack.
  TRY_VOID(Interruption::check());
  if (!trees) return Failure(std::move(trees).error());
  return {};
}

Result<bool> is_here_already(const ImagePull& pull, const Chosen& chosen,
                             const std::string& repo_digest) {
  TRY(const auto all, pull.store.images());
  const auto mine = std::ranges::find(all, chosen.manifest.config.digest, &image::Image::id);
  if (mine == all.end()) return false;
  const bool digest_known =
      std::ranges::find(mine->repo_digests, repo_digest) != mine->repo_digests.end();
  const bool named = !pull.name.digest.empty() ||
                     std::ranges::find(mine->names, pull.name.text()) != mine->names.end();
  return digest_known && named;
}

}  // namespace

Result<Pulled> pull_image(const ImagePull& pull, registry::Client& client) {
  // From the first blob that is here, or comes, until the image is in the index.
  TRY(const image::Use use, pull.store.use());
  TRY(const Chosen chosen, choose_manifest(pull, client));
  TRY_VOID(check_layers(chosen.manifest));
  say(pull, fmt::format("{}: Pulling from {}", asked_for(pull.name), pull.name.path));
  TRY(const image::Config config, fetch_config(pull, client, chosen.manifest));
  const std::string repo_digest = pull.name.repository() + "@" + chosen.asked.text();
  TRY(const bool was_here, is_here_already(pull, chosen, repo_digest));
  TRY_VOID(fetch_layers(pull, client, chosen, config));
  image::NewImage added{chosen.descriptor, chosen.manifest.config.digest, {}, repo_digest, true};
  if (pull.name.digest.empty()) added.name = pull.name.text();
  TRY_VOID(pull.store.add(use, added));
  say(pull, "Digest: " + chosen.asked.text());
  TRY(image::Image here, pull.store.find(added.id.text()));
  return Pulled{std::move(here), pull.name.text(), !was_here};
}

}  // namespace mycontainer::runtime::images
