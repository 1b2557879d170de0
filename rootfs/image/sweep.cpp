#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "rootfs/image/store.h"
#include "rootfs/layer/store.h"

namespace mycontainer::rootfs::image {

namespace {

constexpr const char* kSweepWanted = "sweep-wanted";
constexpr std::int64_t kKeepIncomplete = std::int64_t{24} * 3600;

// Nothing when others hold it all the time.
Result<std::optional<UniqueFd>> locked_within(int directory, const char* name, int milliseconds) {
  TRY(UniqueFd fd, sys::open_at(directory, name, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
  for (int waited = 0;; waited += 5) {
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return std::optional(std::move(fd));
    if (errno != EWOULDBLOCK && errno != EINTR) return fail_errno("lock the image store");
    if (waited >= milliseconds) return std::optional<UniqueFd>();
    (void)::poll(nullptr, 0, 5);
  }
}

// What one image needs of blobs and layers.
struct Needs {
  std::set<Digest> blobs, layers;
};

Result<void> add_layers(const content::BlobStore& blobs, const Digest& id, Needs& needs) {
  TRY(const std::string text, blobs.read(id));
  TRY(const Config config, parse_config(text));
  for (Digest& chain : content::chain_ids(config.diff_ids)) needs.layers.insert(std::move(chain));
  return {};
}

Result<void> add_needs(const content::BlobStore& blobs, const Image& image, Needs& needs) {
  needs.blobs.insert(image.manifest.digest);
  needs.blobs.insert(image.id);
  TRY(const std::string text, blobs.read(image.manifest.digest));
  TRY(const Manifest manifest, parse_manifest(text));
  for (const Descriptor& layer : manifest.layers) needs.blobs.insert(layer.digest);
  return add_layers(blobs, image.id, needs);
}

Result<Needs> needs_of(const content::BlobStore& blobs, const std::vector<Image>& images,
                       const std::set<Digest>& used_configs) {
  Needs needs;
  // One that cannot be read stops the sweep: nobody knows what it may need.
  for (const Image& image : images) TRY_VOID(add_needs(blobs, image, needs));
  for (const Digest& id : used_configs) {
    if (!blobs.has(id)) continue;
    needs.blobs.insert(id);
    TRY_VOID(add_layers(blobs, id, needs));
  }
  return needs;
}

Result<void> remove_blobs(const content::BlobStore& blobs, const std::set<Digest>& needed,
                          ImageStore::Swept& swept) {
  TRY(const std::vector<Digest> here, blobs.list());
  for (const Digest& digest : here) {
    if (needed.contains(digest)) continue;
    TRY(const std::uint64_t bytes, blobs.remove(digest));
    swept.bytes += bytes;
    swept.blobs.push_back(digest);
  }
  TRY(const std::uint64_t incomplete, blobs.remove_incomplete(kKeepIncomplete));
  swept.bytes += incomplete;
  return {};
}

Result<void> want_sweep(int directory) {
  return sys::write_file_at(directory, kSweepWanted, "", O_WRONLY | O_CREAT, 0600);
}

}  // namespace

bool ImageStore::wants_sweep() const {
  return ::faccessat(directory_.get(), kSweepWanted, F_OK, 0) == 0;
}

Result<std::optional<ImageStore::Swept>> ImageStore::sweep(
    const std::function<Result<std::set<Digest>>()>& used_configs, int patience) const {
  // Before the attempt: whoever stands in the way looks for it when he is done.
  TRY_VOID(want_sweep(directory_.get()));
  TRY(auto alone, locked_within(directory_.get(), "lock", patience));
  if (!alone) return std::optional<Swept>();
  // Before anything is looked at: who asks from now on has made garbage that this one may not see.
  (void)::unlinkat(directory_.get(), kSweepWanted, 0);
  auto swept = sweep_alone(used_configs);
  if (swept) return std::optional(*std::move(swept));
  (void)want_sweep(directory_.get());
  return Failure(std::move(swept).error());
}

Result<ImageStore::Swept> ImageStore::sweep_alone(
    const std::function<Result<std::set<Digest>>()>& used_configs) const {
  TRY(const std::vector<Image> all, images());
  TRY(const std::set<Digest> used, used_configs());
  TRY(const Needs needs, needs_of(blobs_, all, used));
  Swept swept;
  TRY_VOID(remove_blobs(blobs_, needs.blobs, swept));
  TRY(const layer::LayerStore layers, layer::LayerStore::open(data_root_));
  TRY(swept.trees, layers.move_aside_all_but(needs.layers));
  return swept;
}

}  // namespace mycontainer::rootfs::image
