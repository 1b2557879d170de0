#include "runtime/container/store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/container/control.h"
#include "runtime/container/status.h"
#include "tests/support/temporary_directory.h"

namespace mycontainer::runtime::container {
namespace {

TEST(CheckId, TakesWhatClientsUseAndNoPath) {
  for (const char* good : {"a", "0", "_x", "libpod-1.2", "A+b", "io.cri_pod-1"}) {
    EXPECT_TRUE(check_id(good)) << good;
  }
  for (const char* bad : {"", ".", "..", ".hidden", "-x", "a/b", "a b", "a\n", "\xc3\xa9"}) {
    EXPECT_FALSE(check_id(bad)) << bad;
  }
  EXPECT_TRUE(check_id(std::string(255, 'a')));
  EXPECT_FALSE(check_id(std::string(256, 'a')));
}

struct Store : ::testing::Test {
  test::TemporaryDirectory scratch;
  std::string root = scratch.path() + "/root";
  Settings settings{.root = root};

  static Record record_of_us() {
    Record record{.id = "c1", .pid = ::getpid()};
    record.start_time = start_time_of(::getpid()).value();
    return record;
  }
};

TEST_F(Store, MakesADirectoryThatOnlyItsOwnerMayEnter) {
  const auto made = StateDirectory::create(root, "c1");
  ASSERT_TRUE(made);
  struct stat status {};
  ASSERT_EQ(::stat(made->path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700U);
}

TEST_F(Store, KeepsAnIdForOne) {
  const auto first = StateDirectory::create(root, "c1");
  ASSERT_TRUE(first);
  const auto second = StateDirectory::create(root, "c1");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message(), "container with id \"c1\" already exists");
}

TEST_F(Store, LeavesNothingOfWhatWasNotKept) {
  { ASSERT_TRUE(StateDirectory::create(root, "c1")); }
  const auto opened = StateDirectory::open(root, "c1");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().operation, "container \"c1\" does not exist");
  EXPECT_EQ(opened.error().code, ENOENT);
}

TEST_F(Store, ListsIdsInOrderAndNothingElse) {
  for (const char* id : {"b", "a"}) {
    auto made = StateDirectory::create(root, id);
    ASSERT_TRUE(made);
    made->keep();
  }
  ASSERT_EQ(::mkdir((root + "/.seccomp").c_str(), 0700), 0);
  EXPECT_EQ(list_ids(root).value(), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(list_ids(root + "/nowhere")->empty());
}

TEST_F(Store, TellsRunningFromCreatedFromStopped) {
  auto made = StateDirectory::create(root, "c1");
  ASSERT_TRUE(made);
  Record record = record_of_us();
  EXPECT_EQ(status_of(*made, record).value(), Status::kRunning);
  ASSERT_EQ(::mkfifoat(made->fd(), kStartFifo, 0600), 0);
  EXPECT_EQ(status_of(*made, record).value(), Status::kCreated);
  // The number lives, but as another process.
  ++record.start_time;
  EXPECT_EQ(status_of(*made, record).value(), Status::kStopped);
  EXPECT_FALSE(open_init(record));
}

TEST_F(Store, CallsAContainerStoppedWhoseCreatorIsGone) {
  Record record{.id = "c1"};
  {
    auto made = StateDirectory::create(root, "c1");
    ASSERT_TRUE(made);
    ASSERT_EQ(::mkfifoat(made->fd(), kUnfinishedFifo, 0600), 0);
    EXPECT_EQ(status_of(*made, record).value(), Status::kCreating);
    made->keep();
  }
  auto opened = StateDirectory::open(root, "c1");
  ASSERT_TRUE(opened);
  EXPECT_EQ(status_of(*opened, record).value(), Status::kStopped);
  ASSERT_TRUE(opened->lock());
  EXPECT_EQ(status_of(*opened, record).value(), Status::kStopped) << "our own lock is no creator";
}

TEST_F(Store, RemovesByForceWhatWasNeverRecorded) {
  {
    auto made = StateDirectory::create(root, "c1");
    ASSERT_TRUE(made);
    made->keep();
  }
  EXPECT_FALSE(remove("c1", false, settings));
  EXPECT_TRUE(remove("c1", true, settings));
  EXPECT_FALSE(StateDirectory::open(root, "c1"));
  EXPECT_TRUE(remove("c1", true, settings)) << "what is gone is no error with force";
  EXPECT_FALSE(remove("c1", false, settings));
}

TEST_F(Store, RefusesTheRecordOfAnotherContainer) {
  auto made = StateDirectory::create(root, "c1");
  ASSERT_TRUE(made);
  ASSERT_TRUE(made->write("state.json", to_json({.id = "c2", .pid = 1})));
  EXPECT_FALSE(made->read_record());
}

TEST_F(Store, GivesUpWaitingForADirectoryThatWasRemovedMeanwhile) {
  auto made = StateDirectory::create(root, "c1");
  ASSERT_TRUE(made);
  auto waiting = StateDirectory::open(root, "c1");
  ASSERT_TRUE(waiting);
  ASSERT_TRUE(made->remove());
  made = StateDirectory::create(root, "c2");  // lets go of the lock
  ASSERT_TRUE(made);
  const auto locked = waiting->lock();
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().code, ENOENT);
}

}  // namespace
}  // namespace mycontainer::runtime::container
