#include "runtime/lifecycle/commit.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>

#include "rootfs/builtin/builtin.h"
#include "rootfs/image/change.h"
#include "rootfs/image/platform.h"
#include "rootfs/image/store.h"
#include "runtime/files/session.h"
#include "runtime/images/sweep.h"
#include "runtime/lifecycle/existing.h"
#include "runtime/lifecycle/local_files.h"
#include "runtime/lifecycle/pause.h"
#include "runtime/lifecycle/utc_time.h"
#include "runtime/state/event_log.h"
#include "runtime/state/live.h"
#include "runtime/state/store.h"

namespace mycontainer::runtime::lifecycle {

namespace {

namespace image = rootfs::image;
using image::Descriptor;
using image::Digest;
using image::ImageStore;

// --- the container holds still ------------------------------------------------------------------

// Goes on when this ends, whatever became of the commit.
class Paused {
 public:
  Paused(const state::Roots& roots, std::string id) : roots_(roots), id_(std::move(id)) {}
  Paused(Paused&& other) noexcept : roots_(other.roots_), id_(std::exchange(other.id_, {})) {}
  Paused& operator=(Paused&&) = delete;
  ~Paused() {
    if (!id_.empty()) (void)unpause(roots_, id_);
  }

 private:
  const state::Roots& roots_;
  std::string id_;
};

Result<std::optional<Paused>> pause_for(const state::Roots& roots, const state::Record& record,
                                        const CommitRequest& request) {
  if (request.pause == CommitPause::kNo) return std::optional<Paused>();
  const auto now = state::effective_state(roots, record);
  if (state::status_text(roots, record.id, now) != "running") return std::optional<Paused>();
  auto done = pause(roots, record.id);
  if (done) return std::optional<Paused>(Paused(roots, record.id));
  if (request.pause == CommitPause::kYes) return Failure(std::move(done).error());
  if (request.warn) request.warn("the container goes on running: " + done.error().message());
  return std::optional<Paused>();
}

// --- layers -------------------------------------------------------------------------------------

struct NewLayer {
  Descriptor blob;  // uncompressed, so its digest is the diff ID, too
  std::uint64_t members = 0;
};

Result<void> copy_to_blob(int from, rootfs::content::BlobWriter& to) {
  std::vector<char> buffer(std::size_t{1} << 20);
  while (true) {
    const ssize_t count = ::read(from, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("read the container's layer");
    if (count == 0) return {};
    TRY_VOID(to.write({buffer.data(), static_cast<std::size_t>(count)}));
  }
}

// Nothing when it has no member.
Result<std::optional<NewLayer>> pack(files::Session& session, const files::LayerRequest& request,
                                     const ImageStore& store) {
  constexpr int kPipeSize = 1 << 20;
  TRY(auto writer, store.blobs().begin());
  TRY(Pipe pipe, make_pipe());
  (void)::fcntl(pipe.read.get(), F_SETPIPE_SZ, kPipeSize);  // not more than an ordinary user may
  TRY_VOID(session.start_layer(request, std::move(pipe.write)));
  auto copied = copy_to_blob(pipe.read.get(), writer);
  pipe.read.reset();
  auto members = session.finish_layer();
  // Of a broken pipe only the other end knows why.
  if (!copied) return Failure(std::move(copied).error());
  if (!members) return Failure(std::move(members).error());
  if (*members == 0) return std::optional<NewLayer>();
  NewLayer layer;
  layer.members = *members;
  layer.blob.media_type = image::media_type::kOciLayer;
  layer.blob.size = writer.offset();
  TRY(layer.blob.digest, writer.commit());
  return std::optional(std::move(layer));
}

// --- the image ----------------------------------------------------------------------------------

// What the new image is made upon.
struct Base {
  image::Config config;
  std::vector<Descriptor> layers;
};

// The Docker forms have the same bytes.
void use_oci_names(std::vector<Descriptor>& layers) {
  for (Descriptor& layer : layers) {
    std::string_view suffix;
    if (layer.media_type.ends_with("gzip")) suffix = "+gzip";
    if (layer.media_type.ends_with("zstd")) suffix = "+zstd";
    layer.media_type = std::string(image::media_type::kOciLayer) + std::string(suffix);
  }
}

image::Config builtin_config() {
  const auto builtin = rootfs::builtin::image_config();
  image::Config config;
  config.config.env = builtin.env;
  config.config.cmd = builtin.command;
  config.config.working_directory = builtin.working_directory;
  return config;
}

// Without layers: the image is not here (any more), or the container is made from none.
Result<Base> base_of(const ImageStore& store, const state::Record& record, bool is_builtin) {
  Base base;
  if (is_builtin) base.config = builtin_config();
  base.config.platform = image::host_platform();
  const auto id = Digest::parse(record.image_id);
  if (!id) return base;
  TRY(const auto all, store.images());
  const auto found = std::ranges::find(all, *id, &image::Image::id);
  if (found == all.end()) {
    // The container alone keeps what it needs: the configuration, and the layers unpacked.
    TRY(const std::string text, store.blobs().read(*id));
    TRY(base.config, image::parse_config(text));
    base.config.diff_ids.clear();
    base.config.history.clear();
    return base;
  }
  TRY(base.config, store.config(*found));
  TRY(const auto manifest, store.manifest(*found));
  base.layers = manifest.layers;
  use_oci_names(base.layers);
  return base;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

void add_layer(Base& base, const std::optional<NewLayer>& layer, image::History history) {
  history.empty_layer = !layer.has_value();
  base.config.history.push_back(std::move(history));
  if (!layer) return;
  base.layers.push_back(layer->blob);
  base.config.diff_ids.push_back(layer->blob.digest);
}

Result<void> pack_layers(const oci::Spec& spec, const state::Record& record,
                         const ImageStore& store, const CommitRequest& request, Base& base) {
  TRY(const files::LayerRequest plan, files::plan_layer(spec));
  TRY(files::Session session, files::Session::beside(spec));
  const std::string now = utc_time(state::now());
  const image::History history{now, joined(record.args), request.author, request.message, false};
  if (base.layers.empty()) {
    files::LayerRequest whole{{{}, plan.trees.lower, plan.trees.user_xattr, {}, {}}, {}, false};
    whole.resets_times = plan.trees.lower.front().find("/builtin/") != std::string::npos;
    TRY(const auto layer, pack(session, whole, store));
    const bool is_all = plan.trees.upper.empty();
    add_layer(base, layer, is_all ? history : image::History{"", record.image, "", "", false});
    if (is_all) return {};
  }
  TRY(const auto layer, pack(session, plan, store));
  add_layer(base, layer, history);
  return {};
}

Result<image::NewImage> put_documents(const ImageStore& store, const Base& base) {
  const std::string config = image::to_json(base.config);
  image::Manifest manifest;
  manifest.media_type = image::media_type::kOciManifest;
  manifest.config.media_type = image::media_type::kOciConfig;
  manifest.config.size = config.size();
  TRY(manifest.config.digest, store.blobs().put(config));
  manifest.layers = base.layers;
  const std::string text = image::to_json(manifest);
  image::NewImage added;
  added.id = manifest.config.digest;
  added.manifest.media_type = manifest.media_type;
  added.manifest.size = text.size();
  TRY(added.manifest.digest, store.blobs().put(text));
  return added;
}

Result<std::optional<std::string>> full_name(const std::string& typed) {
  if (typed.empty()) return std::optional<std::string>();
  TRY(const auto reference, image::parse_tagged_reference(typed));
  if (!reference.digest.empty()) {
    return fail("refusing to create a tag with a digest reference");
  }
  return std::optional(reference.text());
}

void note(const state::Roots& roots, const state::Record& record, const CommitRequest& request,
          const std::string& id) {
  state::append_event(
      roots, state::container_event(
                 record, "commit",
                 {{"comment", request.message}, {"imageID", id}, {"imageRef", request.name}}));
  if (request.name.empty()) return;
  state::append_event(roots, {state::now(), "image", "tag", id, {{"name", request.name}}});
}

bool is_builtin(const state::Roots& roots, const oci::Spec& spec) {
  if (spec.mounts.empty()) return false;
  return std::ranges::any_of(spec.mounts.front().options, [&](const std::string& option) {
    return option.find("=" + roots.data + "/builtin/") != std::string::npos;
  });
}

Result<Base> make_base(const state::Record& record, const oci::Spec& spec, const ImageStore& store,
                       const CommitRequest& request, bool builtin) {
  TRY(Base base, base_of(store, record, builtin));
  base.config.config = committed_config(base.config.config, record, spec);
  TRY_VOID(image::apply_changes(base.config.config, request.changes));
  base.config.author = request.author;
  return base;
}

// A container that is removed while its layer is read would give an image of what was still there.
Result<void> check_still_there(state::Container& container) {
  TRY_VOID(container.lock());
  TRY(const auto record, container.read());
  container.unlock();
  return {};
}

Result<Digest> commit_with(const image::Use& use, const state::Roots& roots,
                           const ImageStore& store, const CommitRequest& request) {
  TRY(auto name, full_name(request.name));
  TRY(auto container, state::Container::open(roots, request.id));
  TRY_VOID(container.lock());
  TRY(const auto record, record_of(container));
  TRY(const auto spec, container.read_spec());
  const bool runs = state::is_supervised(roots, request.id);
  if (runs) container.unlock();
  TRY(Base base, make_base(record, spec, store, request, is_builtin(roots, spec)));
  {
    TRY(const auto paused, pause_for(roots, record, request));
    TRY_VOID(pack_layers(spec, record, store, request, base));
  }
  if (runs) TRY_VOID(check_still_there(container));
  base.config.created = base.config.history.back().created;
  TRY(image::NewImage added, put_documents(store, base));
  added.name = std::move(name);
  TRY_VOID(store.add(use, added));
  note(roots, record, request, added.id.text());
  return added.id;
}

}  // namespace

Result<Digest> commit(const state::Roots& roots, const CommitRequest& request) {
  (void)std::signal(SIGPIPE, SIG_IGN);
  TRY(const ImageStore store, ImageStore::open(roots.data));
  auto id = [&]() -> Result<Digest> {
    TRY(const image::Use use, store.use());
    return commit_with(use, roots, store, request);
  }();
  images::sweep_if_wanted(roots);
  return id;
}

}  // namespace mycontainer::runtime::lifecycle
