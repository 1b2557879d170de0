#include "runtime/network/definition/store.h"

#include <gtest/gtest.h>
#include <sys/file.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "runtime/network/definition/pools.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::runtime::network {
namespace {

namespace fs = std::filesystem;

class Networks : public testing::Test {
 protected:
  Result<Definition> make(const std::string& name) {
    Definition network{.name = name};
    TRY(const UniqueFd lock, lock_definitions(places_));
    TRY(const auto others, list(places_));
    TRY_VOID(choose_pools(network, others, {}));
    return store(places_, network);
  }

  test::TemporaryDirectory directory_;
  Places places_{.data = directory_ / "data", .state = directory_ / "state", .is_alive = {}};
};

TEST_F(Networks, AreThereOnceStoredAndGoneOnceForgotten) {
  const auto web = make("web");
  ASSERT_TRUE(web) << web.error().message();
  EXPECT_EQ(web->id.size(), 64U);
  EXPECT_GT(web->created, 0);
  EXPECT_EQ(web->device, "mc" + web->id.substr(0, 12));
  EXPECT_EQ(to_json(*read(places_, "web")), to_json(*web));
  ASSERT_TRUE(forget(places_, *web));
  EXPECT_EQ(read(places_, "web").error().code, ENOENT);
  EXPECT_EQ(forget(places_, *web).error().code, ENOENT);
  EXPECT_TRUE(list(places_)->empty());
}

TEST_F(Networks, AreNoneWhereNothingIsYet) {
  EXPECT_TRUE(list(places_)->empty());
  EXPECT_EQ(find(places_, "x").error().operation, "network x not found");
  EXPECT_FALSE(fs::exists(places_.data));
}

TEST_F(Networks, HaveNamesOfTheirOwn) {
  ASSERT_TRUE(make("web"));
  const auto again = make("web");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message(), "network with name web already exists");
  EXPECT_EQ(std::distance(fs::directory_iterator(places_.networks()), {}), 2);  // and the lock
}

TEST_F(Networks, AreFoundByTheirNamesAndTheBeginningsOfTheirIds) {
  const auto web = make("web"), db = make("db");
  ASSERT_TRUE(web && db);
  EXPECT_EQ(find(places_, "db")->id, db->id);
  EXPECT_EQ(find(places_, db->id)->name, "db");
  EXPECT_EQ(find(places_, web->id.substr(0, 12))->name, "web");
  EXPECT_EQ(find(places_, "").error().code, ENOENT);
  EXPECT_EQ(find(places_, "../networks/web").error().code, ENOENT);
}

TEST_F(Networks, AreNotFoundByWhatSeveralBeginWith) {
  Definition network{.id = "ab" + std::string(62, '0'), .name = "a"};
  network.pools = {{.subnet = *Subnet::parse("10.1.0.0/24")}};
  ASSERT_TRUE(store(places_, network));
  network.id = "ab" + std::string(62, '1');
  network.name = "b";
  ASSERT_TRUE(store(places_, network));
  EXPECT_EQ(find(places_, "ab").error().message(),
            "network ab is ambiguous (2 matches found on ID prefix)");
  EXPECT_EQ(find(places_, "ab1")->name, "b");
}

TEST_F(Networks, AreListedByNameWithoutBrokenOnes) {
  for (const char* name : {"zz", "aa", "mm"}) ASSERT_TRUE(make(name));
  std::ofstream(places_.networks() + "/mm/network.json") << "{";
  const auto all = list(places_);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->front().name, "aa");
  EXPECT_NE(find(places_, "mm").error().message().find("broken"), std::string::npos);
}

TEST_F(Networks, ThatShareABridgeAreRefused) {
  Definition network{.name = "a", .options = {{"com.docker.network.bridge.name", "mcweb"}}};
  network.pools = {{.subnet = *Subnet::parse("10.1.0.0/24")}};
  const auto first = store(places_, network);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->device, "mcweb");
  network.name = "b";
  EXPECT_EQ(store(places_, network).error().message(), "the device mcweb is that of the network a");
}

TEST_F(Networks, ThatSomebodyElseIsMakingAreLeftAloneAndLeftoversRemoved) {
  ASSERT_TRUE(make("a"));
  const std::string being_made = places_.networks() + "/.new-1",
                    left = places_.networks() + "/.old-2";
  fs::create_directories(being_made);
  fs::create_directories(left + "/x");
  const UniqueFd lock(::open(being_made.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
  ASSERT_TRUE(make("b"));
  EXPECT_TRUE(fs::exists(being_made));
  EXPECT_FALSE(fs::exists(left));
  EXPECT_EQ(list(places_)->size(), 2U);
}

TEST_F(Networks, MadeAtOnceGetDifferentSubnetsAndOneOfANameIsMade) {
  std::atomic<int> made = 0, refused = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        if (!make(fmt::format("net{}", i))) ADD_FAILURE();
        ++(make("same") ? made : refused);
      });
    }
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(refused, 7);
  const auto all = list(places_);
  ASSERT_EQ(all->size(), 9U);
  for (const Definition& one : *all) {
    for (const Definition& other : *all) {
      EXPECT_TRUE(one.name == other.name ||
                  !one.pools.front().subnet.overlaps(other.pools.front().subnet));
    }
  }
}

}  // namespace
}  // namespace mycontainer::runtime::network
