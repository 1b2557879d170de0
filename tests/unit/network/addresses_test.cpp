#include "runtime/network/addresses.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "tests/support/temporary_directory.h"

namespace mycontainer::runtime::network {
namespace {

namespace fs = std::filesystem;

std::string container(int number) { return fmt::format("{:064x}", number); }

class Addresses : public testing::Test {
 protected:
  Addresses() { use("10.1.2.0/24"); }
  void use(const char* subnet) {
    const Subnet parsed = *Subnet::parse(subnet);
    network_.id = std::string(64, 'a');
    network_.name = "web";
    network_.pools = {{.subnet = parsed, .gateway = parsed.base().plus(1)}};
  }
  Result<Claim> claim(int number, const char* wanted = nullptr, Family family = Family::kIpv4) {
    return claim_address(places_, network_, family, container(number),
                         wanted != nullptr ? Address::parse(wanted) : std::nullopt);
  }
  std::string claimed(int number, const char* wanted = nullptr, Family family = Family::kIpv4) {
    const auto done = claim(number, wanted, family);
    return done ? done->address.to_text() : done.error().message();
  }
  void release(int number, const char* address) {
    release_address(places_, network_.id, *Address::parse(address), container(number));
  }
  std::string directory() const { return places_.live_of(network_.id) + "/addresses"; }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory()), {}));
  }

  test::TemporaryDirectory root_;
  std::set<std::string> dead_;
  Places places_{.data = root_ / "data",
                 .state = root_ / "state",
                 .is_alive = [this](const std::string& id) { return !dead_.contains(id); }};
  Definition network_;
};

TEST_F(Addresses, AreGivenOneAfterTheOther) {
  const auto first = claim(1);
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(first->address.to_text(), "10.1.2.2");
  EXPECT_EQ(first->length, 24);
  EXPECT_EQ(first->gateway, Address::parse("10.1.2.1"));
  EXPECT_EQ(claimed(2), "10.1.2.3");
}

TEST_F(Addresses, RestBeforeTheyAreUsedAgain) {
  EXPECT_EQ(claimed(1), "10.1.2.2");
  release(1, "10.1.2.2");
  EXPECT_EQ(claimed(1), "10.1.2.3");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(Addresses, AreAllGivenAndNoMore) {
  std::set<std::string> given;
  for (int i = 0; i < 253; ++i) given.insert(claimed(i));
  EXPECT_EQ(given.size(), 253U);
  EXPECT_FALSE(given.contains("10.1.2.0") || given.contains("10.1.2.1") ||
               given.contains("10.1.2.255"));
  EXPECT_EQ(claimed(999), "no free address is left in network web (10.1.2.0/24)");
  EXPECT_EQ(entries(), 253U);
  release(7, "10.1.2.9");
  EXPECT_EQ(claimed(999), "10.1.2.9");
}

TEST_F(Addresses, OfDeadContainersAreUsedAgainWhenNoneIsLeft) {
  for (int i = 0; i < 253; ++i) ASSERT_TRUE(claim(i));
  dead_ = {container(3), container(200)};
  std::set<std::string> given = {claimed(1000), claimed(1001)};
  EXPECT_EQ(given, (std::set<std::string>{"10.1.2.5", "10.1.2.202"}));
  EXPECT_EQ(claimed(1002), "no free address is left in network web (10.1.2.0/24)");
}

TEST_F(Addresses, CanBeWanted) {
  EXPECT_EQ(claimed(1, "10.1.2.77"), "10.1.2.77");
  EXPECT_EQ(claimed(2, "10.1.2.77"),
            "address 10.1.2.77 is already in use by container 000000000000");
  dead_ = {container(1)};
  EXPECT_EQ(claimed(2, "10.1.2.77"), "10.1.2.77");
  release(1, "10.1.2.77");  // no longer its own
  EXPECT_EQ(claimed(3, "10.1.2.77"),
            "address 10.1.2.77 is already in use by container 000000000000");
}

TEST_F(Addresses, OfAnEarlierRunAreTheContainersStill) {
  EXPECT_EQ(claimed(1, "10.1.2.77"), "10.1.2.77");
  EXPECT_EQ(claimed(1, "10.1.2.77"), "10.1.2.77");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(Addresses, ThatAreNotForContainersAreRefused) {
  network_.pools.front().reserved = {{"printer", *Address::parse("10.1.2.4")}};
  for (const char* address :
       {"10.1.2.0", "10.1.2.1", "10.1.2.4", "10.1.2.255", "10.1.3.1", "fd00::1"}) {
    EXPECT_FALSE(claim(1, address)) << address;
  }
  EXPECT_EQ(claimed(1, "10.1.3.1"),
            "address 10.1.3.1 is not in a subnet of network web (10.1.2.0/24)");
  EXPECT_EQ(claimed(1), "10.1.2.2");
  EXPECT_EQ(claimed(2), "10.1.2.3");
  EXPECT_EQ(claimed(3), "10.1.2.5");
  EXPECT_EQ(claim(1, nullptr, Family::kIpv6).error().message(),
            "network web has no subnet of IPv6");
}

TEST_F(Addresses, ComeOutOfTheRange) {
  network_.pools.front().range = Subnet::parse("10.1.2.128/30");
  std::set<std::string> given;
  for (int i = 0; i < 4; ++i) given.insert(claimed(i));
  EXPECT_EQ(given, (std::set<std::string>{"10.1.2.128", "10.1.2.129", "10.1.2.130", "10.1.2.131"}));
  EXPECT_EQ(claimed(9), "no free address is left in network web (10.1.2.128/30)");
  EXPECT_EQ(claimed(9, "10.1.2.9"), "10.1.2.9");
}

TEST_F(Addresses, ComeOutOfTheSecondPoolWhenTheFirstIsFull) {
  network_.pools = {
      {.subnet = *Subnet::parse("10.1.0.0/30"), .gateway = Address::parse("10.1.0.1")},
      {.subnet = *Subnet::parse("fd00::/64"), .gateway = Address::parse("fd00::1")},
      {.subnet = *Subnet::parse("10.2.0.0/30"), .gateway = Address::parse("10.2.0.2")}};
  EXPECT_EQ(claimed(1), "10.1.0.2");
  const auto second = claim(2);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->address.to_text(), "10.2.0.1");
  EXPECT_EQ(second->gateway, Address::parse("10.2.0.2"));
  EXPECT_EQ(claimed(3), "no free address is left in network web (10.1.0.0/30, 10.2.0.0/30)");
  EXPECT_EQ(claimed(3, nullptr, Family::kIpv6), "fd00::2");
}

TEST_F(Addresses, OfHugeSubnetsAreFoundAtOnce) {
  for (const char* subnet : {"fd00::/64", "fd00::/8", "fd00:0:0:0:ffff::/80"}) {
    use(subnet);
    network_.id = std::string(63, 'b') + std::to_string(std::string(subnet).size() % 10);
    const Address base = network_.pools.front().subnet.base();
    for (int i = 0; i < 100; ++i) {
      const auto done = claim(i, nullptr, Family::kIpv6);
      ASSERT_TRUE(done) << done.error().message();
      EXPECT_EQ(done->address, base.plus(static_cast<std::uint64_t>(i) + 2));
    }
  }
}

TEST_F(Addresses, SearchesGoOnWithoutTheirHint) {
  EXPECT_EQ(claimed(1), "10.1.2.2");
  for (const char* hint : {"", "rubbish", "10.1.2.2", "192.168.1.1", "fd00::1", "10.1.2.255"}) {
    std::ofstream(places_.live_of(network_.id) + "/next4") << hint;
    EXPECT_EQ(claimed(2), "10.1.2.3") << hint;
    release(2, "10.1.2.3");
  }
}

TEST_F(Addresses, AreSweptWithWhatKilledClaimersLeft) {
  EXPECT_EQ(sweep_addresses(places_, network_.id), 0U);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(claim(i));
  fs::create_directories(directory() + "/new-" + container(1) + ".0123456789abcdef");
  fs::create_directories(directory() + "/new-" + container(9) + ".0123456789abcdef");
  dead_ = {container(0), container(1)};
  EXPECT_EQ(sweep_addresses(places_, network_.id), 2U);
  EXPECT_EQ(entries(), 3U);  // one is a living claimer's
  const auto left = claimed_addresses(places_, network_.id);
  ASSERT_EQ(left->size(), 2U);
  EXPECT_EQ(left->front().address.to_text(), "10.1.2.4");
  EXPECT_EQ(left->front().container_id, container(2));
}

TEST_F(Addresses, OfOneContainerAreReleasedInAllNetworks) {
  ASSERT_TRUE(claim(1));
  ASSERT_TRUE(claim(1));
  ASSERT_TRUE(claim(2));
  const std::string first = directory();
  network_.id = std::string(64, 'f');
  ASSERT_TRUE(claim(1));
  fs::create_directories(directory() + "/new-" + container(1) + ".0123456789abcdef");
  std::ofstream(directory() + "/new-" + container(1) + ".0123456789abcdef/" + container(1) +
                ".0123456789abcdef");
  fs::create_directories(directory() + "/new-" + container(1) + ".empty");
  release_all_addresses(places_, container(1));
  EXPECT_EQ(entries(), 0U);
  EXPECT_EQ(std::distance(fs::directory_iterator(first), {}), 1);
}

TEST_F(Addresses, OfADeadContainerAreNotListed) {
  ASSERT_TRUE(claim(1));
  ASSERT_TRUE(claim(2));
  dead_ = {container(1)};
  EXPECT_EQ(claimed_addresses(places_, network_.id)->size(), 1U);
  network_.id = std::string(64, 'f');
  EXPECT_TRUE(claimed_addresses(places_, network_.id)->empty());
}

// Runs `body` in `count` processes at once; how many of them ended with 0.
template <class Body>
int in_processes(int count, const Body& body) {
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(body(i) ? 0 : 1);
    children.push_back(pid);
  }
  int good = 0;
  for (const pid_t pid : children) {
    int status = -1;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);
    good += status == 0 ? 1 : 0;
  }
  return good;
}

TEST_F(Addresses, ClaimedByManyAtOnceAreOneEach) {
  // 253 for 256 that want one.
  const int good = in_processes(32, [&](int process) {
    bool all = true;
    for (int i = 0; i < 8; ++i) all = claim(process * 8 + i).has_value() && all;
    return all;
  });
  EXPECT_GE(good, 29);
  EXPECT_LE(good, 31);
  const auto claims = claimed_addresses(places_, network_.id);
  std::set<std::string> addresses, owners;
  for (const Claimed& one : *claims) {
    addresses.insert(one.address.to_text());
    owners.insert(one.container_id);
  }
  EXPECT_EQ(claims->size(), 253U);
  EXPECT_EQ(addresses.size(), 253U);
  EXPECT_EQ(owners.size(), 253U);
}

TEST_F(Addresses, AreNeverTwoContainersWhileManyComeAndGo) {
  use("10.1.2.0/27");  // 29 for 32
  fs::create_directories(root_ / "held");
  const int good = in_processes(32, [&](int process) {
    for (int i = 0; i < 200; ++i) {
      const auto mine = claim(process);
      if (!mine) continue;
      // Nobody else may hold it meanwhile.
      const std::string mark = root_ / ("held/" + mine->address.to_text());
      if (::mkdir(mark.c_str(), 0700) < 0 || ::rmdir(mark.c_str()) < 0) return false;
      release_address(places_, network_.id, mine->address, container(process));
    }
    return true;
  });
  EXPECT_EQ(good, 32);
  EXPECT_EQ(entries(), 0U);
  std::set<std::string> given;
  for (int i = 0; i < 29; ++i) given.insert(claimed(100 + i));
  EXPECT_EQ(given.size(), 29U);
}

TEST_F(Addresses, WantedByManyAtOnceAreOnes) {
  const int good =
      in_processes(32, [&](int process) { return claim(process, "10.1.2.9").has_value(); });
  EXPECT_EQ(good, 1);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(Addresses, OfADeadContainerWantedByManyAtOnceAreOnes) {
  for (int round = 0; round < 20; ++round) {
    ASSERT_TRUE(claim(1000 + round, "10.1.2.9"));
    dead_.insert(container(1000 + round));
    EXPECT_EQ(in_processes(8, [&](int i) { return claim(i, "10.1.2.9").has_value(); }), 1);
    for (int i = 0; i < 8; ++i) release(i, "10.1.2.9");
  }
}

TEST_F(Addresses, OfKilledClaimersComeBack) {
  use("10.1.2.0/28");  // 13
  for (int round = 0; round < 60; ++round) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      for (;;) {
        if (const auto mine = claim(round)) {
          release_address(places_, network_.id, mine->address, container(round));
        }
      }
    }
    std::this_thread::sleep_for(std::chrono::microseconds(500 + round * 37));
    ASSERT_EQ(::kill(pid, SIGKILL), 0);
    ASSERT_EQ(::waitpid(pid, nullptr, 0), pid);
    dead_.insert(container(round));
  }
  for (int i = 0; i < 13; ++i) EXPECT_TRUE(claim(1000 + i));
  EXPECT_FALSE(claim(2000));
  EXPECT_EQ(claimed_addresses(places_, network_.id)->size(), 13U);
  EXPECT_EQ(entries(), 13U);
}

}  // namespace
}  // namespace mycontainer::runtime::network
