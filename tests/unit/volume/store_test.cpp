#include "rootfs/volume/store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/support/temporary_directory.h"

namespace mycontainer::rootfs::volume {
namespace {

namespace fs = std::filesystem;

class Volumes : public testing::Test {
 protected:
  Volume made(const std::string& name) {
    auto result = store_.create({.name = name});
    EXPECT_TRUE(result) << result.error().message();
    return result ? result->volume : Volume{};
  }
  Result<void> remove(const std::string& name) { return store_.remove(name, {}, {}); }
  // What lies beside the volumes.
  std::size_t leftovers() const {
    std::size_t count = 0;
    if (!fs::exists(root_ + "/volumes")) return 0;
    for (const auto& entry : fs::directory_iterator(root_ + "/volumes")) {
      count += entry.path().filename().string().starts_with(".") ? 1 : 0;
    }
    return count;
  }

  test::TemporaryDirectory directory_;
  std::string root_ = directory_.path();
  VolumeStore store_ = VolumeStore::open(root_).value();
};

TEST_F(Volumes, AreThereOnceMadeAndGoneOnceRemoved) {
  const Volume volume = made("data");
  EXPECT_EQ(volume.driver, "local");
  EXPECT_GT(volume.created, 0);
  EXPECT_TRUE(fs::is_directory(store_.data("data")));
  EXPECT_EQ(store_.find("data")->name, "data");
  ASSERT_TRUE(remove("data"));
  EXPECT_EQ(store_.find("data").error().code, ENOENT);
  EXPECT_EQ(leftovers(), 0U);
}

TEST_F(Volumes, AreListedByNameWithoutBrokenOnes) {
  made("zz");
  made("aa");
  made("mm");
  std::ofstream(root_ + "/volumes/mm/volume.json") << "{";
  const auto all = store_.list();
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->at(0).name, "aa");
  EXPECT_EQ(all->at(1).name, "zz");
  EXPECT_NE(store_.find("mm").error().message().find("broken"), std::string::npos);
  EXPECT_TRUE(remove("mm")) << "a broken one can be removed";
}

TEST_F(Volumes, WithoutANameGetSixtyFourHexadecimalDigits) {
  const Volume volume = made("");
  EXPECT_EQ(volume.name.size(), 64U);
  EXPECT_EQ(volume.name.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST_F(Volumes, MadeTwiceAreTheSameUnlessTheOptionsDiffer) {
  const std::map<std::string, std::string> options = {{"type", "tmpfs"}, {"device", "tmpfs"}};
  ASSERT_TRUE(store_.create({.name = "xx", .options = options}));
  EXPECT_FALSE(store_.create({.name = "xx", .options = options})->fresh);
  EXPECT_TRUE(store_.create({.name = "xx"}));
  const auto other =
      store_.create({.name = "xx", .options = {{"type", "proc"}, {"device", "proc"}}});
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message().find("other options"), std::string::npos);
  EXPECT_FALSE(store_.create({.name = "xx", .driver = "nfs"}));
}

TEST_F(Volumes, NamesThatLeadElsewhereAreRefusedEverywhere) {
  for (const char* name :
       {"..", ".", "../x", "a/b", ".new-x", "a", "-ab", "_ab", "a b", "ab\n", "/ab"}) {
    EXPECT_FALSE(is_volume_name(name)) << name;
    EXPECT_FALSE(store_.create({.name = name})) << name;
    EXPECT_EQ(store_.find(name).error().code, ENOENT) << name;
    EXPECT_FALSE(remove(name)) << name;
  }
  EXPECT_FALSE(is_volume_name(std::string(256, 'a')));
  EXPECT_TRUE(is_volume_name(std::string(255, 'a')));
  EXPECT_TRUE(is_volume_name("0.-_"));
}

TEST_F(Volumes, OptionsAreThoseOfTheLocalDriver) {
  EXPECT_TRUE(check_options({}));
  EXPECT_TRUE(check_options({{"type", "tmpfs"}, {"device", "tmpfs"}, {"o", "size=1m"}}));
  EXPECT_TRUE(check_options({{"type", "none"}, {"device", "/srv"}, {"o", "bind"}}));
  EXPECT_FALSE(check_options({{"type", "none"}, {"device", "srv"}, {"o", "ro,bind"}}));
  EXPECT_FALSE(check_options({{"type", "tmpfs"}}));
  EXPECT_FALSE(check_options({{"device", "/dev/sda"}}));
  EXPECT_FALSE(check_options({{"size", "1m"}}));
}

TEST_F(Volumes, TheFileIsReadAsItWasWritten) {
  Volume volume{.name = "vv", .created = 5, .labels = {{"a", "b"}}, .options = {{"o", "x"}}};
  volume.anonymous = volume.filling = true;
  volume.needs_copy_up = false;
  const auto read = from_json(to_json(volume));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->name, "vv");
  EXPECT_EQ(read->created, 5);
  EXPECT_EQ(read->labels, volume.labels);
  EXPECT_EQ(read->options, volume.options);
  EXPECT_TRUE(read->anonymous && read->filling && !read->needs_copy_up);
  for (const char* text : {"", "[]", "{}", "{\"name\":7}", "nul", "{\"name\":\"x\""}) {
    EXPECT_FALSE(from_json(text)) << text;
  }
}

TEST_F(Volumes, AreFilledOnceHoweverManyAsk) {
  made("data");
  std::atomic<int> fills = 0;
  const auto fill = [&](const std::string& data) -> Result<bool> {
    ++fills;
    std::ofstream(data + "/one") << "x";
    return true;
  };
  std::vector<std::thread> crowd;
  std::atomic<int> seen = 0;
  for (int i = 0; i < 8; ++i) {
    crowd.emplace_back([&] {
      EXPECT_TRUE(store_.copy_up_once("data", fill, {}));
      seen += fs::exists(store_.data("data") + "/one") ? 1 : 0;
    });
  }
  for (std::thread& one : crowd) one.join();
  EXPECT_EQ(fills, 1);
  EXPECT_EQ(seen, 8) << "who did not fill it has waited";
}

TEST_F(Volumes, WithFilesInThemAreNeverFilled) {
  made("data");
  std::ofstream(store_.data("data") + "/mine") << "x";
  ASSERT_TRUE(store_.copy_up_once(
      "data", [](const std::string&) -> Result<bool> { return fail("must not be called"); }, {}));
  EXPECT_FALSE(store_.find("data")->needs_copy_up);
}

TEST_F(Volumes, StayToBeFilledWhileThereWasNothingToFillThemFrom) {
  made("data");
  ASSERT_TRUE(
      store_.copy_up_once("data", [](const std::string&) { return Result<bool>(false); }, {}));
  EXPECT_TRUE(store_.find("data")->needs_copy_up);
  EXPECT_FALSE(store_.find("data")->filling);
}

TEST_F(Volumes, AFailedFillLeavesNothing) {
  made("data");
  const auto fill = [](const std::string& data) -> Result<bool> {
    std::ofstream(data + "/half") << "x";
    return fail("the disk is full");
  };
  EXPECT_FALSE(store_.copy_up_once("data", fill, {}));
  EXPECT_TRUE(fs::is_empty(store_.data("data")));
  EXPECT_TRUE(store_.find("data")->needs_copy_up);
}

TEST_F(Volumes, AFillThatWasKilledIsBegunAgainFromNothing) {
  Volume volume = made("data");
  volume.filling = true;
  std::ofstream(root_ + "/volumes/data/volume.json") << to_json(volume);
  std::ofstream(store_.data("data") + "/half") << "x";
  const auto fill = [](const std::string& data) -> Result<bool> {
    EXPECT_TRUE(fs::is_empty(data));
    std::ofstream(data + "/whole") << "x";
    return true;
  };
  ASSERT_TRUE(store_.copy_up_once("data", fill, {}));
  EXPECT_TRUE(fs::exists(store_.data("data") + "/whole"));
  EXPECT_FALSE(store_.find("data")->filling);
}

TEST_F(Volumes, WhoHoldsOneKeepsItUntilItsUserIsKnown) {
  bool user_known = false;
  auto held = store_.create({.name = "data"});
  ASSERT_TRUE(held);
  std::atomic<bool> asked = false;
  std::thread remover([&] {
    const auto check = [&]() -> Result<void> {
      asked = true;
      return user_known ? Result<void>(fail("in use")) : Result<void>();
    };
    EXPECT_FALSE(store_.remove("data", check, {}));
  });
  EXPECT_FALSE(asked);
  user_known = true;
  held->hold.reset();
  remover.join();
  EXPECT_TRUE(store_.find("data"));
}

TEST_F(Volumes, WhatKilledProcessesLeftIsSweptAndWhatOthersDoIsNot) {
  made("data");
  const std::string base = root_ + "/volumes/";
  for (const char* name : {".new-1", ".old-2", ".old-3"}) {
    fs::create_directories(base + name + "/_data/deep");
  }
  const UniqueFd busy(::open((base + ".old-3").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(busy.get(), LOCK_EX), 0);
  store_.sweep({});
  EXPECT_FALSE(fs::exists(base + ".new-1"));
  EXPECT_FALSE(fs::exists(base + ".old-2"));
  EXPECT_TRUE(fs::exists(base + ".old-3"));
  EXPECT_TRUE(store_.find("data"));
}

TEST_F(Volumes, MadeAndRemovedByManyAtOnceAreWholeOrNotThere) {
  std::vector<std::thread> crowd;
  for (int i = 0; i < 4; ++i) {
    crowd.emplace_back([&, i] {
      for (int round = 0; round < 50; ++round) {
        if (i % 2 == 0) {
          const auto one = store_.create({.name = "shared"});
          ASSERT_TRUE(one) << one.error().message();
          ASSERT_TRUE(fs::exists(root_ + "/volumes/shared/_data"));
        } else if (const auto gone = store_.remove("shared", {}, {}); !gone) {
          ASSERT_EQ(gone.error().code, ENOENT) << gone.error().message();
        }
        store_.sweep({});
      }
    });
  }
  for (std::thread& one : crowd) one.join();
  EXPECT_EQ(leftovers(), 0U);
}

}  // namespace
}  // namespace mycontainer::rootfs::volume
