#include "runtime/images/sweep.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "reexec/sys/file.h"
#include "rootfs/layer/store.h"
#include "runtime/ids/remove_foreign_tree.h"
#include "runtime/state/store.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::runtime::images {
namespace {

namespace image = rootfs::image;
using rootfs::content::Digest;

// A store with one image of one layer, unpacked.
class Sweep : public ::testing::Test {
 protected:
  Sweep() {
    const auto& blobs = store_.blobs();
    diff_ = *blobs.put("a layer");
    image::Config config;
    config.platform = {"linux", "amd64", ""};
    config.diff_ids = {diff_};
    const std::string text = image::to_json(config);
    image::Manifest manifest;
    manifest.media_type = image::media_type::kOciManifest;
    manifest.config = {std::string(image::media_type::kOciConfig), *blobs.put(text), text.size()};
    manifest.layers = {{std::string(image::media_type::kOciLayer), diff_, 7}};
    const std::string document = image::to_json(manifest);
    id_ = manifest.config.digest;
    auto use = store_.use();
    EXPECT_TRUE(store_.add(*use, {{manifest.media_type, *blobs.put(document), document.size()},
                                  id_,
                                  "docker.io/library/a:latest",
                                  std::nullopt,
                                  false}));
    auto layer = layers_.begin();
    EXPECT_TRUE(layers_.publish(std::move(*layer), diff_, {diff_, 1000, 0}));
  }

  // A container made from the image.
  std::string make_container() {
    state::Record record;
    record.id = std::string(64, 'c');
    record.name = "web";
    record.image_id = id_.text();
    record.overlay = false;
    oci::Spec spec;
    oci::Mount overlay;
    overlay.destination = "/";
    overlay.type = overlay.source = "overlay";
    overlay.options = {"lowerdir+=" + layers_.tree(diff_), "upperdir=/upper", "workdir=/work"};
    spec.mounts = {overlay};
    auto container = state::Container::create(roots_, record, spec, ids::remove_foreign_tree);
    EXPECT_TRUE(container) << container.error().message();
    container->keep();
    return container->directory();
  }

  test::TemporaryDirectory directory_;
  state::Roots roots_{directory_ / "data", directory_ / "state"};
  image::ImageStore store_ = std::move(*image::ImageStore::open(roots_.data));
  rootfs::layer::LayerStore layers_ = std::move(*rootfs::layer::LayerStore::open(roots_.data));
  Digest diff_, id_;
};

TEST_F(Sweep, TakesNothingOfAnImage) {
  ASSERT_TRUE(sweep(roots_));
  EXPECT_TRUE(layers_.has(diff_));
  EXPECT_TRUE(store_.blobs().has(diff_));
}

TEST_F(Sweep, TakesAllOfAnImageThatIsGone) {
  if (::geteuid() != 0) GTEST_SKIP() << "an ordinary user's helper is another program";
  ASSERT_TRUE(store_.forget(id_));
  const auto collected = sweep(roots_);
  ASSERT_TRUE(collected) << collected.error().message();
  EXPECT_FALSE(layers_.has(diff_));
  EXPECT_TRUE(store_.blobs().list()->empty());
  EXPECT_EQ(collected->blobs.size(), 3u);
  EXPECT_GT(collected->bytes, 1000u);
}

TEST_F(Sweep, LeavesAContainerItsLayersAndConfiguration) {
  make_container();
  ASSERT_TRUE(store_.forget(id_));
  ASSERT_TRUE(sweep(roots_));
  EXPECT_TRUE(layers_.has(diff_));
  EXPECT_TRUE(store_.blobs().has(id_));
  EXPECT_FALSE(store_.blobs().has(diff_));
}

TEST_F(Sweep, LeavesABrokenContainerItsLayers) {
  const std::string container = make_container();
  ASSERT_TRUE(sys::write_file_at(AT_FDCWD, container + "/record.json", "{", O_WRONLY | O_TRUNC));
  ASSERT_TRUE(store_.forget(id_));
  ASSERT_TRUE(sweep(roots_));
  EXPECT_TRUE(layers_.has(diff_));
  EXPECT_TRUE(store_.blobs().has(id_));
}

TEST_F(Sweep, TakesNothingWhenNobodyKnowsWhatAContainerNeeds) {
  const std::string container = make_container();
  for (const char* name : {"/record.json", "/config.json"}) {
    ASSERT_TRUE(sys::write_file_at(AT_FDCWD, container + name, "{", O_WRONLY | O_TRUNC));
  }
  ASSERT_TRUE(store_.forget(id_));
  const auto collected = sweep(roots_);
  ASSERT_FALSE(collected);
  EXPECT_EQ(collected.error().message(),
            "nothing is swept: what the broken container cccccccccccc needs cannot be told");
  EXPECT_TRUE(layers_.has(diff_));
  EXPECT_TRUE(store_.blobs().has(diff_));
}

TEST_F(Sweep, WaitsForWhoeverUsesImages) {
  auto use = std::make_optional(std::move(*store_.use()));
  ASSERT_TRUE(store_.forget(id_));
  ASSERT_TRUE(sweep(roots_));
  EXPECT_TRUE(store_.blobs().has(diff_));
  EXPECT_TRUE(store_.wants_sweep());
  use.reset();
  if (::geteuid() != 0) return;
  sweep_if_wanted(roots_);
  EXPECT_FALSE(store_.blobs().has(diff_));
  EXPECT_FALSE(store_.wants_sweep());
}

TEST_F(Sweep, KnowsWhichContainersUseAnImage) {
  make_container();
  const auto used = images_in_use(roots_);
  ASSERT_TRUE(used);
  ASSERT_EQ(used->size(), 1u);
  EXPECT_EQ(used->front().image, id_);
  EXPECT_FALSE(used->front().runs);
}

}  // namespace
}  // namespace mycontainer::runtime::images
