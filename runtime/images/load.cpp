#include "runtime/images/load.h"

#include "runtime/images/archive_images.h"
#include "runtime/images/sweep.h"
#include "runtime/images/unpack_layers.h"
#include "runtime/state/event_log.h"

namespace mycontainer::runtime::images {

namespace {

using rootfs::image::ImageStore;
using rootfs::image::NewImage;
using rootfs::image::Use;

struct Brought {
  NewImage image;
  std::vector<std::string> names;
};

Result<std::vector<Brought>> bring_all(const state::Roots& roots, const ImageStore& store,
                                       const ArchiveMembers& members, const LoadRequest& request,
                                       const Report& report) {
  TRY(const auto layers, open_layer_store(roots.data));
  TRY(const auto images, images_in(members, store.blobs(), request.platform));
  std::vector<Brought> all;
  for (const ArchivedImage& image : images) {
    auto brought = bring_image(members, store, layers, image, report);
    if (!brought) {
      const std::string name = image.names.empty() ? "image" : image.names.front();
      return within(name, std::move(brought).error());
    }
    all.push_back({std::move(*brought), image.names});
  }
  return all;
}

Result<void> add(const state::Roots& roots, const ImageStore& store, const Use& use,
                 const Brought& brought, const std::function<void(const Loaded&)>& each) {
  NewImage image = brought.image;
  std::vector<std::string> names = brought.names;
  if (names.empty()) names.emplace_back();
  for (const std::string& name : names) {
    Loaded loaded{image.id, name, {}};
    if (!name.empty()) {
      TRY(const auto before, store.look_up(name));
      if (before && before->id != image.id) loaded.renamed = before->id;
      image.name = name;
    }
    TRY_VOID(store.add(use, image));
    state::append_event(
        roots, {state::now(), "image", "load", image.id.text(), {{"name", image.id.text()}}});
    each(loaded);
  }
  return {};
}

}  // namespace

Result<void> load(const state::Roots& roots, const LoadRequest& request,
                  const std::function<void(const Loaded&)>& each, const Report& report) {
  TRY(const ImageStore store, ImageStore::open(roots.data));
  bool garbage = false;
  const auto bring_and_add = [&]() -> Result<void> {
    TRY(const Use use, store.use());
    garbage = true;
    TRY(const auto members, open_archive(store.blobs(), request.input));
    TRY(const auto all, bring_all(roots, store, *members, request, report));
    for (const Brought& brought : all) TRY_VOID(add(roots, store, use, brought, each));
    garbage = members->leaves_garbage();
    return {};
  };
  auto done = bring_and_add();
  if (garbage) {
    (void)sweep(roots);
  } else {
    sweep_if_wanted(roots);
  }
  return done;
}

}  // namespace mycontainer::runtime::images
