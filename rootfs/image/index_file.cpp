#include "rootfs/image/index_file.h"

#include <algorithm>

namespace mycontainer::rootfs::image {

namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    if (space != 0) words.emplace_back(text.substr(0, space));
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  return words;
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

const std::string* annotation(const Descriptor& descriptor, const char* name) {
  const auto found = descriptor.annotations.find(name);
  return found == descriptor.annotations.end() ? nullptr : &found->second;
}

}  // namespace

Result<std::vector<Image>> images_from_index(std::string_view text) {
  TRY(const Index index, parse_index(text));
  std::vector<Image> images;
  for (const Descriptor& descriptor : index.manifests) {
    const std::string* text_of_id = annotation(descriptor, kImageId);
    if (text_of_id == nullptr) return fail("index.json: an entry without an image id");
    TRY(const Digest id, Digest::parse(*text_of_id));
    auto image = std::ranges::find(images, id, &Image::id);
    if (image == images.end()) {
      image = images.insert(images.end(), Image{});
      image->id = id;
      image->manifest = {descriptor.media_type, descriptor.digest, descriptor.size, {}, {}};
    }
    if (const std::string* name = annotation(descriptor, kRefName)) image->names.push_back(*name);
    if (const std::string* all = annotation(descriptor, kRepoDigests)) {
      image->repo_digests = split(*all);
    }
  }
  return images;
}

std::string index_of(const std::vector<Image>& images) {
  Index index;
  index.media_type = media_type::kOciIndex;
  for (const Image& image : images) {
    Descriptor descriptor = image.manifest;
    descriptor.annotations[kImageId] = image.id.text();
    if (!image.repo_digests.empty())
      descriptor.annotations[kRepoDigests] = join(image.repo_digests);
    if (image.names.empty()) index.manifests.push_back(descriptor);
    for (const std::string& name : image.names) {
      descriptor.annotations[kRefName] = name;
      index.manifests.push_back(descriptor);
    }
  }
  return to_json(index);
}

}  // namespace mycontainer::rootfs::image
