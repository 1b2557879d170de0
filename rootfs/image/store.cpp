#include "rootfs/image/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "reexec/sys/file.h"
#include "reexec/sys/replace_file.h"
#include "rootfs/image/index_file.h"

namespace mycontainer::rootfs::image {

namespace {

constexpr std::size_t kMaxIndexBytes = std::size_t{4} << 20;
constexpr const char* kLayout = R"({"imageLayoutVersion":"1.0.0"})";

// Docker's words and rule: an archive must not bring "sha256:" with the beginning of another's id.
constexpr std::string_view kLikeAnId = "docker.io/library/sha256:";

Result<UniqueFd> open_lock(int directory, const char* name) {
  return sys::open_at(directory, name, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
}

Result<UniqueFd> locked(int directory, const char* name, int how) {
  TRY(UniqueFd fd, open_lock(directory, name));
  while (::flock(fd.get(), how) < 0) {
    if (errno != EINTR) return fail_errno("lock the image store");
  }
  return fd;
}

Failure no_such_image(std::string_view word) { return fail("no such image: {}", word); }

bool is_hex(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void insert_sorted(std::vector<std::string>& list, const std::string& text) {
  const auto at = std::ranges::lower_bound(list, text);
  if (at == list.end() || *at != text) list.insert(at, text);
}

const Image* by_name(const std::vector<Image>& images, const Reference& reference) {
  if (!reference.digest.empty()) {
    const std::string wanted = reference.repository() + "@" + reference.digest.text();
    const auto found = std::ranges::find_if(images, [&](const Image& image) {
      return std::ranges::find(image.repo_digests, wanted) != image.repo_digests.end();
    });
    return found == images.end() ? nullptr : &*found;
  }
  const std::string wanted = reference.text();
  const auto found = std::ranges::find_if(images, [&](const Image& image) {
    return std::ranges::find(image.names, wanted) != image.names.end();
  });
  return found == images.end() ? nullptr : &*found;
}

Result<const Image*> by_id(const std::vector<Image>& images, std::string_view word) {
  if (word.starts_with("sha256:")) word.remove_prefix(7);
  const Image* only = nullptr;
  if (!is_hex(word)) return only;
  for (const Image& image : images) {
    if (!image.id.hex().starts_with(word)) continue;
    if (only != nullptr) {
      return fail("{} is the beginning of the ids of several images", word);
    }
    only = &image;
  }
  return only;
}

}  // namespace

Result<ImageStore> ImageStore::open(const std::string& data_root) {
  const std::string layout = data_root + "/images";
  TRY_VOID(sys::make_directories(layout, 0700));
  TRY(UniqueFd directory, sys::open_at(AT_FDCWD, layout, O_RDONLY | O_DIRECTORY));
  if (::faccessat(directory.get(), "oci-layout", F_OK, 0) < 0) {
    const auto made = sys::replace_file_at(directory.get(), "oci-layout", kLayout, 0600);
    // Another process may have made it, and taken away the temporary file of both.
    if (!made && ::faccessat(directory.get(), "oci-layout", F_OK, 0) < 0) {
      return Failure(Error(made.error()));
    }
  }
  TRY(content::BlobStore blobs, content::BlobStore::open(layout));
  return ImageStore(data_root, layout, std::move(directory), std::move(blobs));
}

Result<std::vector<Image>> ImageStore::images() const {
  const auto text = sys::read_regular_at(directory_.get(), "index.json", kMaxIndexBytes);
  if (!text && text.error().code == ENOENT) return std::vector<Image>();
  if (!text) return within("image store", Error(text.error()));
  auto images = images_from_index(*text);
  if (!images) return within("image store " + layout_, std::move(images).error());
  return images;
}

Result<std::optional<Image>> ImageStore::look_up(std::string_view word) const {
  TRY(const std::vector<Image> images, this->images());
  const bool whole = Digest::parse(word).has_value() || (word.size() == 64 && is_hex(word));
  if (!whole) {
    const auto reference = parse_tagged_reference(word);
    const Image* named = reference ? by_name(images, *reference) : nullptr;
    if (named != nullptr) return std::optional(*named);
    if (!reference && !is_hex(word)) return Failure(Error(reference.error()));
  }
  TRY(const Image* image, by_id(images, word));
  return image == nullptr ? std::optional<Image>() : std::optional(*image);
}

Result<Image> ImageStore::find(std::string_view word) const {
  TRY(auto image, look_up(word));
  if (!image) return no_such_image(word);
  return std::move(*image);
}

Result<Manifest> ImageStore::manifest(const Image& image) const {
  TRY(const std::string text, blobs_.read(image.manifest.digest));
  return parse_manifest(text, image.manifest.media_type);
}

Result<Config> ImageStore::config(const Image& image) const {
  TRY(const std::string text, blobs_.read(image.id));
  return parse_config(text);
}

Result<Use> ImageStore::use() const {
  TRY(UniqueFd lock, locked(directory_.get(), "lock", LOCK_SH));
  return Use(std::move(lock));
}

Result<void> ImageStore::change(
    const std::function<Result<void>(std::vector<Image>&)>& change) const {
  TRY(const UniqueFd held, locked(directory_.get(), "index.lock", LOCK_EX));
  TRY(std::vector<Image> all, images());
  TRY_VOID(change(all));
  const std::string text = index_of(all);
  // An index that nobody could read again would be the end of every image.
  if (text.size() > kMaxIndexBytes || !images_from_index(text)) {
    return fail("image store: too many images and names for one index");
  }
  return sys::replace_file_durably_at(directory_.get(), "index.json", text, 0600);
}

Result<std::optional<Digest>> ImageStore::add(const Use& /*use*/, const NewImage& image) const {
  if (image.name && image.name->starts_with(kLikeAnId)) {
    return fail("refusing to create an ambiguous tag using digest algorithm as name");
  }
  TRY(const std::string text, blobs_.read(image.manifest.digest));
  TRY(const Manifest manifest, parse_manifest(text, image.manifest.media_type));
  std::vector<Digest> needed = {image.id};
  for (const Descriptor& layer : manifest.layers) needed.push_back(layer.digest);
  for (const Digest& digest : needed) {
    if (!blobs_.has(digest)) return fail("image store: {} is missing", digest.text());
  }
  std::optional<Digest> nameless;
  TRY_VOID(change([&](std::vector<Image>& all) -> Result<void> {
    auto mine = std::ranges::find(all, image.id, &Image::id);
    if (mine == all.end()) {
      mine = all.insert(all.end(), Image{image.id, image.manifest, {}, {}});
    } else if (image.replaces_manifest) {
      mine->manifest = image.manifest;
    }
    if (image.repo_digest) insert_sorted(mine->repo_digests, *image.repo_digest);
    if (!image.name) return {};
    for (Image& other : all) {
      if (other.id == image.id || std::erase(other.names, *image.name) == 0) continue;
      if (other.names.empty()) nameless = other.id;
    }
    insert_sorted(mine->names, *image.name);
    return {};
  }));
  return nameless;
}

Result<void> ImageStore::untag(std::string_view name) const {
  return change([&](std::vector<Image>& all) -> Result<void> {
    for (Image& image : all) {
      if (std::erase(image.names, name) > 0) return {};
    }
    return no_such_image(name);
  });
}

Result<void> ImageStore::forget(const Digest& id) const {
  return change([&](std::vector<Image>& all) -> Result<void> {
    if (std::erase_if(all, [&id](const Image& image) { return image.id == id; }) > 0) return {};
    return no_such_image(id.text());
  });
}

Result<bool> ImageStore::take_names(const Digest& id, const std::vector<std::string>& names,
                                    bool forgets) const {
  bool went = false;
  TRY_VOID(change([&](std::vector<Image>& all) -> Result<void> {
    const auto image = std::ranges::find(all, id, &Image::id);
    if (image == all.end()) return no_such_image(id.text());
    for (const std::string& name : names) {
      std::erase(image->names, name);
      std::erase(image->repo_digests, name);
    }
    went = forgets && image->names.empty() && image->repo_digests.empty();
    if (went) all.erase(image);
    return {};
  }));
  return went;
}

}  // namespace mycontainer::rootfs::image
