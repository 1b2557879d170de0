#include "runtime/engine/user_lookup.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::engine {
namespace {

using Gids = std::vector<std::uint32_t>;

const UserDatabase kDatabase = {
    "root:x:0:0:root:/root:/bin/sh\n"
    "bin:x:2:2:bin:/bin:/bin/sh\n"
    "1000:x:7:7:a name of digits:/trap:/bin/sh\n"
    "alice:x:1000:100:Alice:/home/alice:/bin/sh\n"
    "\n"
    "short:x:5\n"
    "huge:x:4294967296:0::/:\n"
    "last:x:4294967295:0::/:\n"
    "negative:x:-1:0::/:\n"
    "suffix:x:0x10:0::/:\n"
    "homeless:x:8:8:::",
    "root:x:0:\n"
    "users:x:100:\n"
    "wheel:x:10:root,alice\n"
    "audio:x:29:bob,alice\n"
    "again:x:10:alice\n"
    "42:x:9:\n"
    "bad:x:many:alice\n"};

ResolvedUser resolve(const UserRequest& request, const UserDatabase& database = kDatabase) {
  const Result<ResolvedUser> user = resolve_user(request, database);
  EXPECT_TRUE(user) << user.error().message();
  return user ? *user : ResolvedUser{.uid = 12345678};
}
std::string refusal(const UserRequest& request) {
  const Result<ResolvedUser> user = resolve_user(request, kDatabase);
  return user ? "accepted as " + std::to_string(user->uid) : user.error().message();
}

TEST(UserLookup, IsRootWithItsGroupsAndHomeWhenNobodyIsAskedFor) {
  const ResolvedUser user = resolve({});
  EXPECT_EQ(user.uid, 0u);
  EXPECT_EQ(user.gid, 0u);
  EXPECT_EQ(user.additional_gids, (Gids{0, 10}));
  EXPECT_EQ(user.home, "/root");
}

TEST(UserLookup, FindsANameWithItsGroupsOnceEachPrimaryFirst) {
  const ResolvedUser user = resolve({"alice", "", {}});
  EXPECT_EQ(user.uid, 1000u);
  EXPECT_EQ(user.gid, 100u);
  EXPECT_EQ(user.additional_gids, (Gids{100, 10, 29}));
  EXPECT_EQ(user.home, "/home/alice");
}

TEST(UserLookup, TakesANumberForANumberEvenIfAUserHasItAsName) {
  const ResolvedUser user = resolve({"1000", "", {}});
  EXPECT_EQ(user.uid, 1000u);
  EXPECT_EQ(user.gid, 100u);
  EXPECT_EQ(user.home, "/home/alice");
  EXPECT_EQ(user.additional_gids, (Gids{100, 10, 29}));
}

TEST(UserLookup, TakesAnUnknownNumberAsItIs) {
  const ResolvedUser user = resolve({"4294967294", "", {}});
  EXPECT_EQ(user.uid, 4294967294u);
  EXPECT_EQ(user.gid, 0u);
  EXPECT_EQ(user.home, "/");
  EXPECT_EQ(user.additional_gids, (Gids{0}));
}

TEST(UserLookup, WorksWithoutAnyFile) {
  EXPECT_EQ(resolve({}, {}).home, "/");
  EXPECT_EQ(resolve({"5", "6", {"7"}}, {}).additional_gids, (Gids{6, 7}));
  EXPECT_FALSE(resolve_user({"root", "", {}}, {}));
}

TEST(UserLookup, RefusesNumbersThatDoNotFitAndTextAfterThem) {
  EXPECT_EQ(refusal({"4294967295", "", {}}), "user 4294967295 is not between 0 and 4294967294");
  EXPECT_EQ(refusal({"4294967296", "", {}}), "user 4294967296 is not between 0 and 4294967294");
  EXPECT_EQ(refusal({"99999999999999999999999", "", {}}),
            "user 99999999999999999999999 is not between 0 and 4294967294");
  for (const char* name : {"1000abc", "-1", "+1", "0x0", " 0", "0 ", "1e3", "nobody"})
    EXPECT_EQ(refusal({name, "", {}}),
              std::string("unable to find user ") + name + ": no matching entries in passwd file");
}

TEST(UserLookup, SkipsLinesWhoseNumbersAreNone) {
  for (const char* name : {"short", "huge", "last", "negative", "suffix"})
    EXPECT_EQ(refusal({name, "", {}}),
              std::string("unable to find user ") + name + ": no matching entries in passwd file");
}

TEST(UserLookup, GivesAUserWithoutAHomeTheRootDirectory) {
  EXPECT_EQ(resolve({"homeless", "", {}}).home, "/");
}

TEST(UserLookup, LeavesTheUsersOwnGroupsOutWhenAGroupIsGiven) {
  const ResolvedUser user = resolve({"alice", "audio", {}});
  EXPECT_EQ(user.gid, 29u);
  EXPECT_EQ(user.additional_gids, (Gids{29}));
  EXPECT_EQ(resolve({"", "10", {}}).gid, 10u);
}

TEST(UserLookup, ReadsAGroupThatIsANumberAsANumber) {
  EXPECT_EQ(resolve({"", "42", {}}).gid, 42u);
  EXPECT_EQ(refusal({"", "4294967295", {}}), "group 4294967295 is not between 0 and 4294967294");
  EXPECT_EQ(refusal({"", "nogroup", {}}),
            "unable to find group nogroup: no matching entries in group file");
  EXPECT_EQ(refusal({"", "bad", {}}),
            "unable to find group bad: no matching entries in group file");
}

TEST(UserLookup, AddsTheGroupsOfGroupAdd) {
  EXPECT_EQ(resolve({"alice", "", {"audio", "77", "77"}}).additional_gids, (Gids{100, 10, 29, 77}));
  EXPECT_EQ(refusal({"", "", {"nogroup"}}),
            "unable to find group nogroup: no matching entries in group file");
}

class UserDatabaseFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(directory_.data()), nullptr);
    ASSERT_EQ(::mkdir((directory_ + "/etc").c_str(), 0755), 0);
    root_ = UniqueFd(::open(directory_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(root_.valid());
  }
  void TearDown() override { EXPECT_TRUE(sys::remove_tree_at(AT_FDCWD, directory_)); }
  void write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(
        sys::write_file_at(AT_FDCWD, directory_ + name, text, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  }
  std::string directory_ = "/tmp/user-database-XXXXXX";
  UniqueFd root_;
};

TEST_F(UserDatabaseFiles, AreReadAndEmptyWhenMissing) {
  write("/etc/passwd", "root:x:0:0::/root:\n");
  const Result<UserDatabase> database = read_user_database(root_.get());
  ASSERT_TRUE(database) << database.error().message();
  EXPECT_EQ(database->passwd, "root:x:0:0::/root:\n");
  EXPECT_EQ(database->group, "");
  ASSERT_TRUE(sys::remove_tree_at(root_.get(), "etc"));
  EXPECT_TRUE(read_user_database(root_.get()));
}

TEST_F(UserDatabaseFiles, AreLookedUpInsideTheRootWhateverTheLinksSay) {
  ASSERT_EQ(::symlink("/../../../etc/real", (directory_ + "/etc/passwd").c_str()), 0);
  write("/etc/real", "inside:x:3:3::/:\n");
  const Result<UserDatabase> database = read_user_database(root_.get());
  ASSERT_TRUE(database) << database.error().message();
  EXPECT_EQ(database->passwd, "inside:x:3:3::/:\n");
}

TEST_F(UserDatabaseFiles, AreRefusedWhenTheyAreNotRegularWithoutWaiting) {
  ASSERT_EQ(::mkfifo((directory_ + "/etc/passwd").c_str(), 0644), 0);
  const Result<UserDatabase> database = read_user_database(root_.get());
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().message(), "the container's /etc/passwd is not a regular file");
}

TEST_F(UserDatabaseFiles, AreRefusedWhenTheyAreTooLarge) {
  write("/etc/group", std::string(kMaxUserDatabaseBytes + 1, 'x'));
  const Result<UserDatabase> database = read_user_database(root_.get());
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, EFBIG);
}

}  // namespace
}  // namespace mycontainer::runtime::engine
