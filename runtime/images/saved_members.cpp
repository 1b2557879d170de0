#include "runtime/images/saved_members.h"

#include <algorithm>
#include <map>
#include <set>

#include "rootfs/image/docker_archive.h"
#include "runtime/images/archive_members.h"

namespace mycontainer::runtime::images {

namespace {

namespace image = rootfs::image;
using image::Descriptor;
using image::Digest;
using image::Image;
using image::ImageStore;
using image::Reference;

constexpr const char* kOciLayout = R"({"imageLayoutVersion":"1.0.0"})";
constexpr const char* kRefName = "org.opencontainers.image.ref.name";
constexpr const char* kContainerdName = "io.containerd.image.name";

void add(std::vector<SavedImage>& all, const Image& image, const std::string& name) {
  auto at =
      std::ranges::find(all, image.id, [](const SavedImage& saved) { return saved.image.id; });
  if (at == all.end()) at = all.insert(all.end(), SavedImage{image, {}});
  if (name.empty() || std::ranges::find(at->names, name) != at->names.end()) return;
  at->names.push_back(name);
}

// All tags of a repository; false: it has none.
bool add_repository(std::vector<SavedImage>& all, const std::vector<Image>& images,
                    const std::string& repository) {
  bool any = false;
  for (const Image& image : images) {
    for (const std::string& name : image.names) {
      if (name.substr(0, name.rfind(':')) != repository) continue;
      add(all, image, name);
      any = true;
    }
  }
  return any;
}

Result<void> check_platform(const ImageStore& store, const Image& image, const std::string& word,
                            const image::Platform& wanted) {
  TRY(const image::Config config, store.config(image));
  if (image::matches(wanted, config.platform)) return {};
  return fail("{} is an image for {}, not for {}", word, image::to_text(config.platform),
              image::to_text(wanted));
}

class Members {
 public:
  void text(std::string name, std::string text) {
    const std::uint64_t size = text.size();
    add({std::move(name), std::move(text), {}, size});
  }
  void blob(std::string name, const Descriptor& descriptor) {
    add({std::move(name), {}, descriptor.digest, descriptor.size});
  }
  void blob(const Descriptor& descriptor) { blob(blob_member(descriptor.digest), descriptor); }
  std::vector<SavedMember> take() { return std::move(all_); }

 private:
  void add(SavedMember member) {
    // Directories before what is in them.
    for (std::size_t at = member.name.find('/'); at < member.name.size() - 1;
         at = member.name.find('/', at + 1)) {
      const std::string directory = member.name.substr(0, at + 1);
      if (names_.insert(directory).second) all_.push_back({directory, {}, {}, 0});
    }
    if (names_.insert(member.name).second) all_.push_back(std::move(member));
  }
  std::vector<SavedMember> all_;
  std::set<std::string> names_;
};

struct Documents {
  image::Manifest manifest;
  image::Config config;
};

std::vector<std::string> familiar(const std::vector<std::string>& names) {
  std::vector<std::string> all;
  for (const std::string& name : names) {
    const auto reference = image::parse_reference(name);
    all.push_back(reference ? reference->familiar() : name);
  }
  return all;
}

std::string tag_of(const std::string& name) { return name.substr(name.rfind(':') + 1); }

// Docker gives the tag as the reference in the layout; where two images have the same that would
// tell nobody anything.
image::Index index_of(const std::vector<SavedImage>& images) {
  std::map<std::string, int> tags;
  for (const SavedImage& saved : images) {
    for (const std::string& name : saved.names) ++tags[tag_of(name)];
  }
  image::Index index;
  index.media_type = image::media_type::kOciIndex;
  for (const SavedImage& saved : images) {
    Descriptor entry = saved.image.manifest;
    entry.annotations.clear();
    if (saved.names.empty()) index.manifests.push_back(entry);
    for (const std::string& name : saved.names) {
      const std::string tag = tag_of(name);
      entry.annotations[kContainerdName] = name;
      entry.annotations[kRefName] = tags[tag] == 1 ? tag : name;
      index.manifests.push_back(entry);
    }
  }
  return index;
}

std::string layer_member(const Digest& diff_id) { return std::string(diff_id.hex()) + ".tar"; }

image::DockerArchiveImage docker_image(const SavedImage& saved, const Documents& documents,
                                       SaveFormat format) {
  const bool old = format == SaveFormat::kDockerArchive;
  image::DockerArchiveImage listed;
  listed.config = old ? std::string(saved.image.id.hex()) + ".json" : blob_member(saved.image.id);
  listed.tags = familiar(saved.names);
  for (std::size_t number = 0; number < documents.manifest.layers.size(); ++number) {
    listed.layers.push_back(old ? layer_member(documents.config.diff_ids[number])
                                : blob_member(documents.manifest.layers[number].digest));
  }
  return listed;
}

Result<Documents> documents_of(const ImageStore& store, const Image& image) {
  Documents documents;
  TRY(documents.manifest, store.manifest(image));
  TRY(documents.config, store.config(image));
  if (documents.manifest.layers.size() != documents.config.diff_ids.size()) {
    return fail("{}: its manifest and its configuration differ in their layers", image.id.text());
  }
  return documents;
}

void add_blobs(const SavedImage& saved, const Documents& documents,
               const image::DockerArchiveImage& listed, SaveFormat format, Members& members) {
  if (format == SaveFormat::kDockerArchive) {
    members.blob(listed.config, documents.manifest.config);
    for (std::size_t number = 0; number < listed.layers.size(); ++number) {
      members.blob(listed.layers[number], documents.manifest.layers[number]);
    }
    return;
  }
  members.blob(saved.image.manifest);
  members.blob(documents.manifest.config);
  for (const Descriptor& layer : documents.manifest.layers) members.blob(layer);
}

}  // namespace

Result<std::vector<SavedImage>> images_to_save(const ImageStore& store,
                                               const std::vector<std::string>& words,
                                               const std::optional<image::Platform>& platform) {
  TRY(const std::vector<Image> images, store.images());
  std::vector<SavedImage> all;
  for (const std::string& word : words) {
    const auto reference = image::parse_reference(word);
    const bool only_repository = reference && reference->tag.empty() && reference->digest.empty();
    if (only_repository && add_repository(all, images, reference->repository())) continue;
    TRY(const Image found, store.find(word));
    const std::string name = reference ? reference->text() : std::string();
    const bool named = std::ranges::find(found.names, name) != found.names.end();
    add(all, found, named ? name : std::string());
  }
  if (!platform) return all;
  for (const SavedImage& saved : all) {
    const std::string word = saved.names.empty() ? saved.image.id.text() : saved.names.front();
    TRY_VOID(check_platform(store, saved.image, word, *platform));
  }
  return all;
}

Result<std::vector<SavedMember>> members_of(const ImageStore& store,
                                            const std::vector<SavedImage>& images,
                                            SaveFormat format) {
  std::vector<Documents> documents;
  std::vector<image::DockerArchiveImage> listed;
  for (const SavedImage& saved : images) {
    TRY(Documents read, documents_of(store, saved.image));
    documents.push_back(std::move(read));
    listed.push_back(docker_image(saved, documents.back(), format));
  }
  Members members;
  if (format != SaveFormat::kDockerArchive) {
    members.text("oci-layout", kOciLayout);
    members.text("index.json", image::to_json(index_of(images)));
  }
  if (format == SaveFormat::kDocker || format == SaveFormat::kDockerArchive) {
    members.text("manifest.json", image::to_json(listed));
  }
  for (std::size_t number = 0; number < images.size(); ++number) {
    add_blobs(images[number], documents[number], listed[number], format, members);
  }
  return members.take();
}

}  // namespace mycontainer::runtime::images
