#include "rootfs/image/docker_archive.h"

#include "rootfs/image/json.h"

namespace mycontainer::rootfs::image {

namespace {

constexpr std::size_t kMaxImages = 10000;
constexpr std::size_t kMaxLayers = 1000;

Result<DockerArchiveImage> image_of(const Json& json) {
  if (!json.is_object()) return fail("an image is not an object");
  DockerArchiveImage image;
  TRY_VOID(take(json, "Config", image.config));
  TRY_VOID(take(json, "RepoTags", image.tags));
  TRY_VOID(take(json, "Layers", image.layers));
  if (image.config.empty()) return fail("an image has no \"Config\"");
  if (image.layers.size() > kMaxLayers) return fail("more than {} layers", kMaxLayers);
  return image;
}

}  // namespace

Result<std::vector<DockerArchiveImage>> parse_docker_archive(std::string_view text) {
  TRY(const Json list, parse_list(text, "manifest.json"));
  if (list.size() > kMaxImages) return fail("manifest.json: more than {} images", kMaxImages);
  std::vector<DockerArchiveImage> images;
  for (const Json& element : list) {
    auto image = image_of(element);
    if (!image) return within("manifest.json", std::move(image).error());
    images.push_back(std::move(*image));
  }
  return images;
}

std::string to_json(const std::vector<DockerArchiveImage>& images) {
  Json list = Json::array();
  for (const DockerArchiveImage& image : images) {
    list.push_back({{"Config", image.config}, {"RepoTags", image.tags}, {"Layers", image.layers}});
  }
  return list.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace mycontainer::rootfs::image
