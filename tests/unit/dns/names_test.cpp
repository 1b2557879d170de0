#include "runtime/network/dns/names.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/temporary_directory.h"

namespace mycontainer::runtime::network {
namespace {

namespace fs = std::filesystem;

struct Names : testing::Test {
  Names() { places.state = directory.path(); }

  static Endpoint endpoint(std::vector<std::string> names, const std::string& address) {
    Endpoint made;
    made.network_id = "n1";
    made.network_name = "net";
    made.names = std::move(names);
    made.addresses = {{*Address::parse(address), 24, {}}};
    return made;
  }
  [[nodiscard]] std::string link(const std::string& path) const {
    std::error_code none;
    return fs::read_symlink(places.live() + "/" + path, none);
  }

  test::TemporaryDirectory directory;
  Places places;
};

TEST_F(Names, AreAskedForInLowerCase) {
  EXPECT_EQ(dns_name("Web_1.Example-a"), "web_1.example-a");
  EXPECT_EQ(dns_name(std::string(63, 'a')), std::string(63, 'a'));
}

TEST_F(Names, ThatAreNoPathsAndCanBeAskedForAreTaken) {
  for (const char* bad : {"", ".", "..", ".a", "a.", "a..b", "a/b", "a b", "a\\b", "\xc3\xa4"}) {
    EXPECT_EQ(dns_name(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(dns_name(std::string(64, 'a')), std::nullopt);
  std::string longest;
  for (int i = 0; i < 126; ++i) longest += "a.";
  EXPECT_NE(dns_name(longest + "a"), std::nullopt);
  EXPECT_EQ(dns_name(longest + "aa"), std::nullopt);
}

TEST_F(Names, AreAnnouncedAndWithdrawnAndNothingIsLeft) {
  const Endpoint web = endpoint({"Web", "alias", "no good"}, "10.0.0.2");
  ASSERT_TRUE(announce(places, "c1", web));
  ASSERT_TRUE(announce(places, "c1", web));
  EXPECT_EQ(link("n1/names/web/c1"), "10.0.0.2");
  EXPECT_EQ(link("n1/names/alias/c1"), "10.0.0.2");
  EXPECT_EQ(link("n1/reverse/10.0.0.2"), "c1/web.net");
  EXPECT_EQ(link("members/c1/n1"), "net");
  withdraw_names(places, "c1", web);
  withdraw_names(places, "c1", web);
  EXPECT_TRUE(fs::is_empty(places.live() + "/n1/names"));
  EXPECT_TRUE(fs::is_empty(places.live() + "/n1/reverse"));
  EXPECT_TRUE(fs::is_empty(places.live() + "/members"));
}

TEST_F(Names, OfAKilledRunAreReplaced) {
  ASSERT_TRUE(announce(places, "c1", endpoint({"web"}, "10.0.0.2")));
  ASSERT_TRUE(announce(places, "c1", endpoint({"web"}, "10.0.0.7")));
  EXPECT_EQ(link("n1/names/web/c1"), "10.0.0.7");
}

TEST_F(Names, MayBeSeveralContainers) {
  ASSERT_TRUE(announce(places, "c1", endpoint({"web"}, "10.0.0.2")));
  ASSERT_TRUE(announce(places, "c2", endpoint({"web"}, "10.0.0.3")));
  withdraw_names(places, "c1", endpoint({"web"}, "10.0.0.2"));
  EXPECT_EQ(link("n1/names/web/c2"), "10.0.0.3");
  EXPECT_EQ(link("n1/reverse/10.0.0.3"), "c2/web.net");
}

TEST_F(Names, OfAnAddressThatIsAnothersByNowStay) {
  ASSERT_TRUE(announce(places, "killed", endpoint({"old"}, "10.0.0.2")));
  ASSERT_TRUE(announce(places, "new", endpoint({"web"}, "10.0.0.2")));
  withdraw_names(places, "killed", endpoint({"old"}, "10.0.0.2"));
  EXPECT_EQ(link("n1/reverse/10.0.0.2"), "new/web.net");
}

TEST_F(Names, AreReadableForTheServiceWhateverTheUmask) {
  const mode_t before = ::umask(077);
  ASSERT_TRUE(announce(places, "c1", endpoint({"web"}, "10.0.0.2")));
  ASSERT_TRUE(lock_membership(places, "c1"));
  ::umask(before);
  for (const char* path : {"", "/n1", "/n1/names", "/n1/names/web", "/n1/reverse", "/members",
                           "/members/c1", "/alive"}) {
    struct stat status {};
    ASSERT_EQ(::stat((places.live() + path).c_str(), &status), 0) << path;
    EXPECT_EQ(status.st_mode & 0777, 0755U) << path;
  }
}

TEST_F(Names, AnInternalNetworkIsMarked) {
  Endpoint inside = endpoint({}, "10.0.0.2");
  inside.internal = true;
  ASSERT_TRUE(announce(places, "c1", inside));
  EXPECT_EQ(link("members/c1/n1"), "net/internal");
}

TEST_F(Names, TheLockIsHeldAndGoesWithTheLastNetwork) {
  const Endpoint web = endpoint({"web"}, "10.0.0.2");
  ASSERT_TRUE(announce(places, "c1", web));
  auto held = lock_membership(places, "c1");
  ASSERT_TRUE(held) << held.error().message();
  const std::string path = places.live() + "/alive/c1";
  const UniqueFd other(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct flock lock {};
  lock.l_type = F_WRLCK;
  ASSERT_EQ(::fcntl(other.get(), F_OFD_GETLK, &lock), 0);
  EXPECT_EQ(lock.l_type, F_WRLCK);
  ASSERT_TRUE(lock_membership(places, "c1"));  // another run
  withdraw_names(places, "c1", web);
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace mycontainer::runtime::network
