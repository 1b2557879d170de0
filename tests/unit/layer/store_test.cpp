#include "rootfs/layer/store.h"

#include <gtest/gtest.h>
#include <sys/file.h>

#include <filesystem>

#include "tests/support/temporary_directory.h"

namespace mycontainer::rootfs::layer {
namespace {

struct Store : test::TemporaryDirectory {
  LayerStore store = *LayerStore::open(path());
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path() + "/layers")) {
      found.push_back(entry.path().filename());
    }
    return found;
  }
  void publish(const Digest& chain, const LayerInfo& info) const {
    auto layer = store.begin();
    ASSERT_TRUE(layer) << layer.error().message();
    const auto done = store.publish(std::move(*layer), chain, info);
    ASSERT_TRUE(done) << done.error().message();
  }
};

const Digest kDiff = content::digest_of("diff");
const Digest kBlob = content::digest_of("blob");
const Digest kChain = content::digest_of("chain");

TEST(LayerStore, PublishesALayerByOneRename) {
  const Store here;
  auto layer = here.store.begin();
  ASSERT_TRUE(layer);
  ASSERT_TRUE(sys::write_file_at(AT_FDCWD, layer->tree() + "/f", "x", O_WRONLY | O_CREAT, 0600));
  EXPECT_FALSE(here.store.has(kChain));
  ASSERT_TRUE(here.store.publish(std::move(*layer), kChain, {kDiff, 7, 3, kBlob}));
  EXPECT_TRUE(here.store.has(kChain));
  EXPECT_EQ(*sys::read_file_at(AT_FDCWD, here.store.tree(kChain) + "/f"), "x");
  const auto info = here.store.info(kChain);
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->diff_id, kDiff);
  EXPECT_EQ(info->size, 7U);
  EXPECT_EQ(info->squashed, 3U);
  EXPECT_EQ(info->blob, kBlob);
}

TEST(LayerStore, TheDirectoryIsClosedToOthersAndATreeIsNot) {
  const Store here;
  const mode_t before = ::umask(077);
  const auto layer = here.store.begin();
  ::umask(before);
  ASSERT_TRUE(layer);
  struct stat status {};
  ASSERT_EQ(::stat((here / "layers").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700U);
  ASSERT_EQ(::stat(layer->tree().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0755U);
}

TEST(LayerStore, WhoComesSecondIsContentWithTheFirstOnesLayer) {
  const Store here;
  auto slow = here.store.begin();
  ASSERT_TRUE(slow);
  here.publish(kChain, {kDiff, 1, 0});
  ASSERT_TRUE(here.store.publish(std::move(*slow), kChain, {kDiff, 2, 0}));
  EXPECT_EQ(here.store.info(kChain)->size, 1U);
  EXPECT_EQ(here.names(), (std::vector<std::string>{std::string(kChain.hex()), "unsynced"}));
}

TEST(LayerStore, AnAbandonedLayerIsRemoved) {
  const Store here;
  {
    const auto layer = here.store.begin();
    ASSERT_TRUE(layer);
    EXPECT_EQ(here.names().size(), 1U);
  }
  EXPECT_TRUE(here.names().empty());
}

TEST(LayerStore, IsRemovedTheWayTheUserHas) {
  const test::TemporaryDirectory here;
  std::vector<std::string> removed;
  const auto store = LayerStore::open(here.path(), [&removed](const std::string& path) {
    removed.push_back(path);
    return sys::remove_tree_at(AT_FDCWD, path);
  });
  ASSERT_TRUE(store);
  const std::string path = store->begin()->path();
  EXPECT_EQ(removed, std::vector<std::string>{path});
}

TEST(LayerStore, TheNextOneRemovesWhatSigkillLeftAndNothingElse) {
  const Store here;
  const auto working = here.store.begin();
  here.make_directory("layers/.unfinished-0123");
  here.make_file("layers/.unfinished-0123/x");
  const auto next = here.store.begin();
  ASSERT_TRUE(working && next);
  EXPECT_EQ(here.names().size(), 2U);
  EXPECT_TRUE(std::filesystem::exists(working->tree()));
  EXPECT_TRUE(std::filesystem::exists(next->tree()));
}

TEST(LayerStore, TheSweepMovesAsideWhatNobodyNeeds) {
  const Store here;
  const Digest other = content::digest_of("other");
  here.publish(kChain, {kDiff, 1, 0});
  here.publish(other, {kDiff, 1, 0});
  const auto working = here.store.begin();
  here.make_directory("layers/.unfinished-0123");
  here.make_directory("layers/.removed-0123");
  const auto moved = here.store.move_aside_all_but({kChain});
  ASSERT_TRUE(moved) << moved.error().message();
  EXPECT_EQ(moved->size(), 3U);
  for (const std::string& path : *moved) {
    EXPECT_TRUE(path.starts_with(here / "layers/.removed-")) << path;
    EXPECT_TRUE(std::filesystem::exists(path)) << path;
  }
  EXPECT_TRUE(here.store.has(kChain));
  EXPECT_FALSE(here.store.has(other));
  EXPECT_TRUE(std::filesystem::exists(working->tree()));
}

TEST(LayerStore, ARecordThatIsNoneIsAnError) {
  const Store here;
  here.publish(kChain, {kDiff, 1, 0});
  const std::string record = "layers/" + std::string(kChain.hex()) + "/layer.json";
  for (const char* text : {"", "[]", "{}", R"({"diffId":"../x"})", R"({"diffId":7})"}) {
    here.make_file(record, text);
    EXPECT_FALSE(here.store.info(kChain)) << text;
  }
  EXPECT_FALSE(here.store.info(content::digest_of("none")));
}

TEST(LayerStore, NothingHasNoChainId) {
  const Store here;
  EXPECT_FALSE(here.store.has({}));
  auto layer = here.store.begin();
  ASSERT_TRUE(layer);
  EXPECT_FALSE(here.store.publish(std::move(*layer), {}, {kDiff, 1, 0}));
  EXPECT_TRUE(here.names().empty());
}

}  // namespace
}  // namespace mycontainer::rootfs::layer
