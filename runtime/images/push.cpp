#include "runtime/images/push.h"

#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>

#include "rootfs/registry/client.h"
#include "rootfs/registry/keychain.h"
#include "runtime/images/compress.h"

namespace mycontainer::runtime::images {

namespace {

using rootfs::content::Digest;
using rootfs::image::Descriptor;
using rootfs::image::Image;
using rootfs::image::ImageStore;
using rootfs::image::Manifest;
using rootfs::image::Reference;
using rootfs::registry::Client;

constexpr std::size_t kAtOnce = 4;

// A report that several threads may use.
class Reporter {
 public:
  explicit Reporter(const Report& report) : report_(report) {}
  void operator()(const Progress& progress) const {
    if (!report_) return;
    const std::lock_guard lock(mutex_);
    report_(progress);
  }
  void line(std::string text) const {
    (*this)({.layer = {}, .phase = Phase::kLine, .text = std::move(text)});
  }

 private:
  const Report& report_;
  mutable std::mutex mutex_;
};

// The image's manifest with every layer compressed; the same one when all are.
struct Prepared {
  Descriptor manifest;
  std::string bytes;
  std::vector<Descriptor> blobs;  // layers, each once, then the configuration
};

Result<void> compress_layers(const ImageStore& store, Manifest& manifest, const Reporter& report) {
  for (Descriptor& layer : manifest.layers) {
    if (!is_uncompressed(layer)) continue;
    const std::string name = layer.digest.short_hex();
    const std::uint64_t total = layer.size;
    report({.layer = name, .phase = Phase::kWaiting});
    TRY(layer, compress_layer(store.blobs(), layer, [&](std::uint64_t done) {
          report({.layer = name,
                  .phase = Phase::kUploading,
                  .current = 0,
                  .total = total,
                  .text = done < total ? "Compressing" : ""});
        }));
  }
  return {};
}

Result<Prepared> prepare(const ImageStore& store, const Image& image, const Reporter& report) {
  Prepared prepared{image.manifest, {}, {}};
  TRY(prepared.bytes, store.blobs().read(image.manifest.digest));
  TRY(Manifest manifest, rootfs::image::parse_manifest(prepared.bytes, image.manifest.media_type));
  if (std::ranges::any_of(manifest.layers, is_uncompressed)) {
    TRY_VOID(compress_layers(store, manifest, report));
    prepared.bytes = to_json(manifest);
    TRY(prepared.manifest.digest, store.blobs().put(prepared.bytes));
    prepared.manifest.size = prepared.bytes.size();
  }
  for (const Descriptor& layer : manifest.layers) {
    if (std::ranges::find(prepared.blobs, layer.digest, &Descriptor::digest) ==
        prepared.blobs.end()) {
      prepared.blobs.push_back(layer);
    }
  }
  prepared.blobs.push_back(manifest.config);
  return prepared;
}

// Another repository of the same registry that the image is known to be in; "" when there is none.
std::string mountable_from(const Image& image, const Reference& target) {
  for (const std::string& name : image.repo_digests) {
    const auto other = rootfs::image::parse_reference(name);
    if (other && other->domain == target.domain && other->path != target.path) return other->path;
  }
  return {};
}

Result<void> send_blob(Client& client, const ImageStore& store, const Descriptor& blob,
                       const Reporter& report) {
  TRY(const UniqueFd file, store.blobs().open_blob(blob.digest));
  const std::string name = blob.digest.short_hex();
  return client.push_blob(
      blob,
      [&](std::uint64_t offset, char* buffer, std::size_t size) -> Result<std::size_t> {
        const ssize_t count = ::pread(file.get(), buffer, size, static_cast<off_t>(offset));
        if (count < 0) return fail_errno("read blob {}", blob.digest.text());
        return static_cast<std::size_t>(count);
      },
      [&](std::uint64_t sent) {
        report({.layer = name, .phase = Phase::kUploading, .current = sent, .total = blob.size});
      });
}

Result<void> push_blob(Client& client, const ImageStore& store, const Descriptor& blob,
                       const std::string& from, const Reporter& report) {
  Progress progress{.layer = blob.digest.short_hex(), .total = blob.size};
  TRY(const bool is_there, client.has_blob(blob.digest));
  if (is_there) {
    progress.phase = Phase::kExists;
    report(progress);
    return {};
  }
  if (!from.empty()) {
    // A registry that refuses to mount still takes the upload.
    const auto mounted = client.mount_blob(blob.digest, from);
    if (mounted && *mounted) {
      progress.phase = Phase::kMounted;
      progress.text = from;
      report(progress);
      return {};
    }
  }
  TRY_VOID(send_blob(client, store, blob, report));
  progress.phase = Phase::kDone;
  progress.current = blob.size;
  report(progress);
  return {};
}

// All blobs, several at a time; the first failure ends it.
Result<void> push_blobs(Client& client, const ImageStore& store,
                        const std::vector<Descriptor>& blobs, const std::string& from,
                        const Reporter& report) {
  std::mutex mutex;
  std::size_t next = 0;
  std::optional<Error> failure;
  // The configuration is no layer: nobody is told of it.
  const Report nobody;
  const Reporter silent(nobody);
  const auto work = [&](Client& own) {
    while (true) {
      std::size_t mine = 0;
      {
        const std::lock_guard lock(mutex);
        if (failure || next == blobs.size()) return;
        mine = next++;
      }
      const bool is_config = mine + 1 == blobs.size();
      auto pushed = push_blob(own, store, blobs[mine], from, is_config ? silent : report);
      const std::lock_guard lock(mutex);
      if (!pushed && !failure) failure = std::move(pushed).error();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < std::min(kAtOnce, blobs.size()); ++i) {
      threads.emplace_back([&] {
        Client own = client.clone();
        work(own);
      });
    }
    work(client);
  }
  if (failure) return Failure(*std::move(failure));
  return {};
}

Result<Client> client_for(const Reference& reference, const std::string& mount_from,
                          const RegistryOptions& options) {
  TRY(const auto configuration, rootfs::registry::Configuration::load(options.transport));
  TRY(const auto sources, configuration.sources(reference, false));
  TRY(const auto keychain, rootfs::registry::Keychain::open(options.authfile));
  TRY(auto credentials, keychain.find(reference.repository()));
  return Client::open({.endpoint = sources.front().endpoint,
                       .repository = sources.front().reference.path,
                       .credentials = std::move(credentials),
                       .push = true,
                       .mount_from = mount_from});
}

// The registry's words stand for themselves: their code is for programs.
Failure in_its_words(Error error) {
  if (error.code == EACCES || error.code == ENOENT) error.code = 0;
  return Failure(std::move(error));
}

Result<Image> image_to_push(const ImageStore& store, const Reference& reference) {
  auto found = store.find(reference.text());
  if (found) return found;
  if (!found.error().operation.starts_with("no such image")) return found;
  return fail("An image does not exist locally with the tag: {}", reference.familiar_repository());
}

}  // namespace

Result<Digest> push(const std::string& data_root, const std::string& word,
                    const RegistryOptions& options, const Report& report) {
  TRY(const Reference reference, rootfs::image::parse_tagged_reference(word));
  if (!reference.digest.empty()) return fail("cannot push a digest reference");
  TRY(const ImageStore store, ImageStore::open(data_root));
  TRY(const auto use, store.use());
  TRY(const Image image, image_to_push(store, reference));
  const Reporter reporter(report);
  reporter.line(fmt::format("The push refers to repository [{}]", reference.repository()));
  TRY(const Prepared prepared, prepare(store, image, reporter));
  const std::string from = mountable_from(image, reference);
  TRY(Client client, client_for(reference, from, options));
  auto pushed = push_blobs(client, store, prepared.blobs, from, reporter);
  if (!pushed) return in_its_words(std::move(pushed).error());
  auto digest = client.push_manifest(reference.tag, prepared.manifest.media_type, prepared.bytes);
  if (!digest) return in_its_words(std::move(digest).error());
  TRY(const auto replaced,
      store.add(use, {.manifest = prepared.manifest,
                      .id = image.id,
                      .name = {},
                      .repo_digest = reference.repository() + "@" + digest->text(),
                      .replaces_manifest = true}));
  (void)replaced;  // no name changes hands
  reporter.line(
      fmt::format("{}: digest: {} size: {}", reference.tag, digest->text(), prepared.bytes.size()));
  return digest;
}

Result<std::vector<std::string>> tags_of(const std::string& data_root, const std::string& word) {
  TRY(const Reference reference, rootfs::image::parse_reference(word));
  if (!reference.tag.empty() || !reference.digest.empty()) {
    return fail("tag can't be used with --all-tags/-a");
  }
  TRY(const ImageStore store, ImageStore::open(data_root));
  TRY(const auto images, store.images());
  std::vector<std::string> names;
  for (const Image& image : images) {
    for (const std::string& name : image.names) {
      const auto one = rootfs::image::parse_reference(name);
      if (one && one->repository() == reference.repository()) names.push_back(name);
    }
  }
  if (names.empty()) {
    return fail("An image does not exist locally with the tag: {}",
                reference.familiar_repository());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace mycontainer::runtime::images
