#include "rootfs/image/store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <fstream>
#include <thread>

#include "rootfs/layer/store.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::rootfs::image {
namespace {

constexpr const char* kName = "docker.io/library/a:latest";

std::set<Digest> nobody() { return {}; }

class ImageStoreTest : public ::testing::Test {
 protected:
  // An image of one layer with this content; its blobs only.
  NewImage blobs_of(const std::string& layer) {
    const auto& blobs = store_.blobs();
    Config config;
    config.platform = {"linux", "amd64", ""};
    config.diff_ids = {*blobs.put(layer)};
    const std::string config_text = to_json(config);
    Manifest manifest;
    manifest.media_type = media_type::kOciManifest;
    manifest.config = {std::string(media_type::kOciConfig), *blobs.put(config_text),
                       config_text.size()};
    manifest.layers = {{std::string(media_type::kOciLayer), config.diff_ids[0], layer.size()}};
    const std::string text = to_json(manifest);
    NewImage image;
    image.manifest = {manifest.media_type, *blobs.put(text), text.size()};
    image.id = manifest.config.digest;
    return image;
  }

  std::optional<Digest> add(NewImage image, const std::string& name) {
    image.name = name;
    const Use use = std::move(*store_.use());
    const auto added = store_.add(use, image);
    EXPECT_TRUE(added) << added.error().message();
    return *added;
  }

  // An unpacked layer with a file.
  void unpack(const std::string& layer) {
    auto unfinished = layers_.begin();
    ASSERT_TRUE(unfinished);
    const Digest diff = content::digest_of(layer);
    ASSERT_TRUE(layers_.publish(std::move(*unfinished), diff, {diff, 0, 0}));
  }

  ImageStore::Swept sweep(const std::set<Digest>& used = {}) {
    const auto swept = store_.sweep([&] { return Result<std::set<Digest>>(used); });
    EXPECT_TRUE(swept) << swept.error().message();
    EXPECT_TRUE(swept->has_value());
    return swept->value_or(ImageStore::Swept{});
  }

  test::TemporaryDirectory directory_;
  ImageStore store_ = std::move(*ImageStore::open(directory_.path()));
  layer::LayerStore layers_ = std::move(*layer::LayerStore::open(directory_.path()));
};

TEST_F(ImageStoreTest, FindsAnImageByNameAndById) {
  const NewImage image = blobs_of("one");
  add(image, kName);
  for (const std::string& word :
       {std::string("a"), std::string("a:latest"), std::string(kName), image.id.text(),
        std::string(image.id.hex()), image.id.short_hex(), "sha256:" + image.id.short_hex()}) {
    const auto found = store_.look_up(word);
    ASSERT_TRUE(found) << found.error().message();
    ASSERT_TRUE(*found) << word;
    EXPECT_EQ((*found)->id, image.id);
  }
  for (const char* word : {"b", "a:2", "ffffffffffff", "docker.io/other/a"}) {
    const auto found = store_.look_up(word);
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_FALSE(*found) << word;
  }
  EXPECT_EQ(store_.find("b").error().message(), "no such image: b");
  EXPECT_FALSE(store_.look_up("A B"));
}

TEST_F(ImageStoreTest, FindsAnImageByTheDigestOfItsRegistry) {
  NewImage image = blobs_of("one");
  const std::string digest = content::digest_of("an index").text();
  image.repo_digest = "docker.io/library/a@" + digest;
  add(image, kName);
  EXPECT_TRUE(*store_.look_up("a@" + digest));
  EXPECT_FALSE(*store_.look_up("b@" + digest));
}

TEST_F(ImageStoreTest, MovesANameAndKeepsTheImageThatLostIt) {
  const NewImage one = blobs_of("one"), two = blobs_of("two");
  EXPECT_FALSE(add(one, kName));
  EXPECT_EQ(add(two, kName), one.id);
  EXPECT_EQ(store_.find("a")->id, two.id);
  const auto nameless = store_.find(one.id.short_hex());
  ASSERT_TRUE(nameless);
  EXPECT_TRUE(nameless->names.empty());
  EXPECT_EQ(store_.images()->size(), 2U);
}

TEST_F(ImageStoreTest, KnowsAnImageByAllItsNames) {
  const NewImage one = blobs_of("one");
  add(one, kName);
  add(one, "docker.io/library/b:1");
  ASSERT_EQ(store_.images()->size(), 1U);
  EXPECT_EQ(store_.images()->front().names.size(), 2U);
  ASSERT_TRUE(store_.untag(kName));
  EXPECT_FALSE(store_.untag(kName));
  EXPECT_EQ(store_.images()->front().names, std::vector<std::string>{"docker.io/library/b:1"});
  ASSERT_TRUE(store_.forget(one.id));
  EXPECT_TRUE(store_.images()->empty());
  EXPECT_FALSE(store_.forget(one.id));
}

TEST_F(ImageStoreTest, RefusesAnImageWhoseLayersAreNotHere) {
  const NewImage image = blobs_of("one");
  ASSERT_TRUE(store_.blobs().remove(content::digest_of("one")));
  const Use use = std::move(*store_.use());
  EXPECT_FALSE(store_.add(use, image));
  EXPECT_TRUE(store_.images()->empty());
}

TEST_F(ImageStoreTest, SweepsWhatNoImageNeeds) {
  add(blobs_of("one"), kName);
  unpack("one");
  const NewImage gone = blobs_of("two");
  unpack("two");
  const auto swept = sweep();
  EXPECT_EQ(swept.blobs.size(), 3U);
  ASSERT_EQ(swept.trees.size(), 1U);
  EXPECT_FALSE(store_.blobs().has(gone.id));
  EXPECT_TRUE(layers_.has(content::digest_of("one")));
  EXPECT_FALSE(layers_.has(content::digest_of("two")));
  EXPECT_TRUE(sweep().blobs.empty());
}

TEST_F(ImageStoreTest, KeepsTheLayersOfContainersWhoseImageWasForgotten) {
  const NewImage image = blobs_of("one");
  add(image, kName);
  unpack("one");
  ASSERT_TRUE(store_.forget(image.id));
  EXPECT_EQ(sweep({image.id}).blobs.size(), 2U);  // manifest and layer, not the configuration
  EXPECT_TRUE(layers_.has(content::digest_of("one")));
  EXPECT_EQ(sweep().blobs.size(), 1U);
  EXPECT_FALSE(layers_.has(content::digest_of("one")));
}

TEST_F(ImageStoreTest, DoesNotSweepWhileSomebodyUsesImages) {
  blobs_of("one");
  {
    const Use use = std::move(*store_.use());
    const auto swept = store_.sweep([] { return Result<std::set<Digest>>(nobody()); }, 0);
    ASSERT_TRUE(swept);
    EXPECT_FALSE(*swept);
    EXPECT_TRUE(store_.wants_sweep());
  }
  EXPECT_EQ(sweep().blobs.size(), 3U);
  EXPECT_FALSE(store_.wants_sweep());
}

TEST_F(ImageStoreTest, RemembersWhoAskedForASweepWhileAnotherWasAtIt) {
  const auto another_asks = [&]() -> Result<std::set<Digest>> {
    const auto swept = store_.sweep([] { return Result<std::set<Digest>>(nobody()); }, 0);
    EXPECT_TRUE(swept && !*swept);
    return nobody();
  };
  ASSERT_TRUE(store_.sweep(another_asks));
  EXPECT_TRUE(store_.wants_sweep());
  const auto fails = [] { return Result<std::set<Digest>>(fail("unreadable")); };
  (void)sweep();
  EXPECT_FALSE(store_.wants_sweep());
  EXPECT_FALSE(store_.sweep(fails));
  EXPECT_TRUE(store_.wants_sweep());
}

TEST(ImageStoreAtFirst, IsMadeBySeveralAtOnce) {
  constexpr int kRounds = 200, kOpeners = 4;
  std::atomic<int> failures = 0;
  for (int round = 0; round < kRounds; ++round) {
    const test::TemporaryDirectory directory;
    std::barrier together(kOpeners);
    std::vector<std::jthread> openers;
    for (int i = 0; i < kOpeners; ++i) {
      openers.emplace_back([&] {
        together.arrive_and_wait();
        if (!ImageStore::open(directory.path())) ++failures;
      });
    }
  }
  EXPECT_EQ(failures, 0);
}

TEST_F(ImageStoreTest, DoesNotTouchWhatSomebodyElseWroteAsItsIndex) {
  directory_.make_file("images/index.json", R"({"schemaVersion":2,"manifests":[{"digest":"x"}]})");
  EXPECT_FALSE(store_.images());
  blobs_of("one");
  EXPECT_FALSE(store_.sweep([] { return Result<std::set<Digest>>(nobody()); }));
  EXPECT_EQ(store_.blobs().list()->size(), 3U);
}

TEST_F(ImageStoreTest, KeepsOtherUsersOut) {
  struct stat status {};
  ASSERT_EQ(::stat((directory_ / "images").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 077, 0U);
  ASSERT_EQ(::stat((directory_ / "layers").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 077, 0U);
}

TEST_F(ImageStoreTest, AnIndexThatWouldBeTooLongToReadIsNotWritten) {
  const NewImage image = blobs_of("a");
  std::string text = R"({"schemaVersion":2,"manifests":[)";
  for (int i = 0; i < 10000; ++i) {
    text += fmt::format(R"({}{{"mediaType":"{}","digest":"{}","size":{},"annotations":{{)"
                        R"("io.mycontainer.image.id":"{}",)"
                        R"("org.opencontainers.image.ref.name":"docker.io/library/a:{}"}}}})",
                        i == 0 ? "" : ",", image.manifest.media_type, image.manifest.digest.text(),
                        image.manifest.size, image.id.text(), i);
  }
  std::ofstream(directory_.path() + "/images/index.json") << text << "]}";
  ASSERT_EQ(store_.images()->at(0).names.size(), 10000);

  NewImage named = image;
  named.name = kName;
  EXPECT_FALSE(store_.add(*store_.use(), named));
  EXPECT_EQ(store_.images()->at(0).names.size(), 10000);
  EXPECT_TRUE(store_.untag("docker.io/library/a:7"));
  EXPECT_TRUE(store_.add(*store_.use(), named));
}

TEST_F(ImageStoreTest, NoNameLooksLikeAnId) {
  NewImage image = blobs_of("a");
  image.name = "docker.io/library/sha256:" + std::string(image.id.hex().substr(0, 12));
  EXPECT_FALSE(store_.add(*store_.use(), image));
  EXPECT_TRUE(store_.images()->empty());
  image.name = "docker.io/library/sha256sum:latest";
  EXPECT_TRUE(store_.add(*store_.use(), image));
}

}  // namespace
}  // namespace mycontainer::rootfs::image
