#include "runtime/engine/image_root.h"

#include <optional>

#include "rootfs/image/platform.h"
#include "rootfs/registry/configuration.h"
#include "runtime/images/pull.h"
#include "runtime/images/unpack_layers.h"

namespace mycontainer::runtime::engine {

namespace {

namespace image = rootfs::image;

struct Found {
  image::Image image;
  image::Config config;
};

Result<std::optional<image::Image>> look_up(const image::ImageStore& store, const std::string& word,
                                            const ImageRequest& request) {
  TRY(auto found, store.look_up(word));
  if (found || !image::is_short_name(word)) return found;
  TRY(const auto configuration, rootfs::registry::Configuration::load(request.registry.transport));
  TRY(const auto meanings, configuration.resolve(word));
  for (const image::Reference& meaning : meanings) {
    TRY(found, store.look_up(meaning.text()));
    if (found) return found;
  }
  return found;
}

Result<std::optional<Found>> find_here(const image::ImageStore& store, const std::string& word,
                                       const ImageRequest& request) {
  TRY(auto found, look_up(store, word, request));
  if (!found) return std::optional<Found>();
  TRY(auto config, store.config(*found));
  if (request.platform && !image::matches(*request.platform, config.platform)) {
    return std::optional<Found>();
  }
  return std::optional(Found{*std::move(found), std::move(config)});
}

std::string familiar(const std::string& word) {
  const auto reference = image::parse_tagged_reference(word);
  return reference ? reference->familiar() : word;
}

void tell(const images::Report& report, std::string text) {
  if (report) report({.layer = {}, .phase = images::Phase::kLine, .text = std::move(text)});
}

Result<image::Image> pull(const std::string& word, const ImageRequest& request,
                          const state::Roots& roots, const images::Report& report) {
  TRY(auto pulled, images::pull(roots, {word, request.platform, request.registry},
                                request.quiet ? images::Report() : report));
  return std::move(pulled.image);
}

void compare_platform(const ImageRequest& request, const image::Platform& offered,
                      const images::Report& report) {
  if (request.platform || offered.architecture.empty()) return;
  const image::Platform host = image::host_platform();
  if (image::matches(host, offered)) return;
  tell(report, fmt::format("WARNING: The requested image's platform ({}) does not match the "
                           "detected host platform ({}) and no specific platform was requested",
                           image::to_text(offered), image::to_text(host)));
}

Failure no_such_image(const std::string& word, const ImageRequest& request) {
  Error error{"no such image: " + familiar(word)};
  if (request.platform) error.operation += " for " + image::to_text(*request.platform);
  error.hint = "'mycontainer pull' gets an image; without --pull never, so does this command";
  return Failure(std::move(error));
}

// Found under a Use, so that nothing of it goes meanwhile; a pull takes one of its own.
Result<std::pair<Found, image::Use>> find_or_pull(const image::ImageStore& store,
                                                  const std::string& word,
                                                  const ImageRequest& request,
                                                  const state::Roots& roots,
                                                  const images::Report& report) {
  std::string wanted = word;
  bool may_pull = request.pull != PullPolicy::kNever;
  if (request.pull == PullPolicy::kAlways) {
    TRY(const image::Image pulled, pull(word, request, roots, report));
    wanted = pulled.id.text();
    may_pull = false;
  }
  while (true) {
    TRY(image::Use use, store.use());
    TRY(auto found, find_here(store, wanted, request));
    if (found) return std::pair(*std::move(found), std::move(use));
    if (!may_pull) return no_such_image(word, request);
    { const image::Use ended = std::move(use); }
    if (!request.quiet)
      tell(report, fmt::format("Unable to find image '{}' locally", familiar(word)));
    TRY(const image::Image pulled, pull(word, request, roots, report));
    wanted = pulled.id.text();
    may_pull = false;
  }
}

// The quick way when all are unpacked: the manifest is not even read.
Result<std::vector<std::string>> layers_of(const image::ImageStore& store, const Found& found,
                                           const std::string& data_root,
                                           const images::Report& report) {
  if (found.config.diff_ids.empty()) return fail("the image has no layers");
  TRY(const auto layers, images::open_layer_store(data_root));
  std::vector<std::string> trees;
  for (const auto& chain_id : rootfs::content::chain_ids(found.config.diff_ids)) {
    if (!layers.has(chain_id)) {
      TRY(const image::Manifest manifest, store.manifest(found.image));
      return images::ensure_layers(store, data_root, manifest, found.config.diff_ids, report);
    }
    trees.insert(trees.begin(), layers.tree(chain_id));
  }
  return trees;
}

}  // namespace

Result<ImageRoot> open_image(const std::string& word, const ImageRequest& request,
                             const state::Roots& roots, const images::Report& report) {
  TRY(const auto store, image::ImageStore::open(roots.data));
  TRY(auto found, find_or_pull(store, word, request, roots, report));
  auto& [here, use] = found;
  compare_platform(request, here.config.platform, report);
  TRY(auto layers, layers_of(store, here, roots.data, request.quiet ? images::Report() : report));
  return ImageRoot{std::move(here.image), std::move(here.config), std::move(layers),
                   std::move(use)};
}

}  // namespace mycontainer::runtime::engine
