#include "rootfs/layer/durability.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <thread>

#include "reexec/sys/file.h"
#include "rootfs/layer/store.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::rootfs::layer {
namespace {

class Durability : public ::testing::Test {
 protected:
  void publish(const LayerStore& store, const Digest& chain) {
    auto layer = store.begin();
    ASSERT_TRUE(layer);
    ASSERT_TRUE(store.publish(std::move(*layer), chain, {chain, 0, 0}));
  }
  void note(const std::string& text) { directory_.make_file("layers/unsynced", text); }
  bool noted() { return ::access((directory_ / "layers/unsynced").c_str(), F_OK) == 0; }

  test::TemporaryDirectory directory_;
  const Digest one_ = content::digest_of("one");
};

TEST_F(Durability, ALayerIsNotedUntilItIsSynced) {
  const auto store = LayerStore::open(directory_.path());
  EXPECT_FALSE(noted());
  publish(*store, one_);
  EXPECT_TRUE(noted());
  // In the same boot it is as good as any.
  EXPECT_TRUE(LayerStore::open(directory_.path())->has(one_));
  std::string directory = directory_ / "layers";
  std::vector<char*> words = {directory.data()};
  reexec::Invocation invocation{kSyncLayersEntry, words, {}};
  EXPECT_EQ(sync_layers_main(invocation), 0);
  EXPECT_FALSE(noted());
}

TEST_F(Durability, AfterACrashTheLayersSinceThenAreNotTrusted) {
  {
    const auto store = LayerStore::open(directory_.path());
    publish(*store, one_);
  }
  note(fmt::format("another-boot {}\n", ::time(nullptr) - 10));
  const auto store = LayerStore::open(directory_.path());
  ASSERT_TRUE(store) << store.error().message();
  EXPECT_FALSE(store->has(one_));
  EXPECT_FALSE(noted());
  EXPECT_EQ(store->move_aside_all_but({})->size(), 1U);
  publish(*store, one_);
  EXPECT_TRUE(store->has(one_));
}

TEST_F(Durability, OlderLayersStay) {
  {
    const auto store = LayerStore::open(directory_.path());
    publish(*store, one_);
  }
  note(fmt::format("another-boot {}\n", ::time(nullptr) + 10));
  EXPECT_TRUE(LayerStore::open(directory_.path())->has(one_));
  EXPECT_FALSE(noted());
}

TEST_F(Durability, ANoteThatTheCrashCutShortMakesAllOfThemSuspect) {
  for (const char* text : {"", "boot", "boot 99999999999"}) {
    {
      const auto store = LayerStore::open(directory_.path());
      publish(*store, one_);
    }
    note(text);
    EXPECT_FALSE(LayerStore::open(directory_.path())->has(one_)) << text;
  }
}

// One that is just being made would make all layers suspect.
TEST_F(Durability, WhoMeetsANoteMeetsItWhole) {
  const auto store = LayerStore::open(directory_.path());
  publish(*store, one_);
  const std::string directory = directory_ / "layers";
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) EXPECT_TRUE(recover(directory));
  });
  for (int i = 0; i < 20'000; ++i) {
    ::unlink((directory + "/unsynced").c_str());
    if (!note_unsynced(directory)) ADD_FAILURE();
  }
  done = true;
  reader.join();
  EXPECT_TRUE(store->has(one_));
}

}  // namespace
}  // namespace mycontainer::rootfs::layer
