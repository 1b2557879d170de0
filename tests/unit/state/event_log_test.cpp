#include "runtime/state/event_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <set>
#include <vector>

#include "reexec/sys/file.h"

namespace mycontainer::runtime::state {
namespace {

class EventLog : public testing::Test {
 protected:
  EventLog() {
    char path[] = "/tmp/event_log.XXXXXX";
    base_ = ::mkdtemp(path);
    roots_ = {base_ + "/data", base_ + "/run/state"};
  }
  ~EventLog() override { (void)sys::remove_tree_at(AT_FDCWD, base_); }

  void append(Nanoseconds time, const std::string& action,
              std::map<std::string, std::string> attributes = {}) const {
    append_event(roots_, Event{time, "container", action, "abc", std::move(attributes)});
  }

  [[nodiscard]] std::vector<std::string> actions(Nanoseconds since = 0,
                                                 Nanoseconds until = 0) const {
    std::vector<std::string> seen;
    const auto read = read_events(roots_, since, until, false, [&](const Event& event) {
      seen.push_back(event.action);
      return true;
    });
    EXPECT_TRUE(read);
    return seen;
  }

  [[nodiscard]] bool exists(const char* name) const {
    return ::access((roots_.state + "/" + name).c_str(), F_OK) == 0;
  }

  void append_until_rotated() const {
    const std::string long_value(60000, 'x');
    for (int count = 0; !exists("events.1") && count < 100; ++count) {
      append(1, "filler", {{"label", long_value}});
    }
  }

  std::string base_;
  Roots roots_;
};

// Writes in another process while this one follows.
template <class Body>
pid_t in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) {
    body();
    ::_exit(0);
  }
  return child;
}

TEST_F(EventLog, GivesBackWhatWasAppendedInOrder) {
  append(10, "create", {{"image", "busy \"box\"\n\x01"}, {"name", "bad \xff utf8 \xc3\xa9"}});
  append(20, "start");
  std::vector<Event> seen;
  ASSERT_TRUE(read_events(roots_, 0, 0, false, [&](const Event& event) {
    seen.push_back(event);
    return true;
  }));
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].time, 10);
  EXPECT_EQ(seen[0].type, "container");
  EXPECT_EQ(seen[0].action, "create");
  EXPECT_EQ(seen[0].id, "abc");
  EXPECT_EQ(seen[0].attributes.at("image"), "busy \"box\"\n\x01");
  EXPECT_EQ(seen[0].attributes.at("name"), "bad \xef\xbf\xbd utf8 \xc3\xa9");
  EXPECT_EQ(seen[1].action, "start");
}

TEST_F(EventLog, BelongsToItsOwnerAlone) {
  append(10, "create");
  struct stat info {};
  ASSERT_EQ(::stat((roots_.state + "/events").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_EQ(::stat(roots_.state.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST_F(EventLog, SelectsByTimeBothEndsIncluded) {
  for (int time = 10; time <= 50; time += 10) append(time, std::to_string(time));
  EXPECT_EQ(actions(20, 40), (std::vector<std::string>{"20", "30", "40"}));
  EXPECT_EQ(actions(50), (std::vector<std::string>{"50"}));
}

TEST_F(EventLog, WithoutEventsHasNoneAndMakesNothing) {
  EXPECT_TRUE(actions().empty());
  EXPECT_NE(::access(roots_.state.c_str(), F_OK), 0);
}

TEST_F(EventLog, SkipsLinesThatAreNoEvents) {
  append(10, "before");
  ASSERT_TRUE(sys::write_file_at(AT_FDCWD, roots_.state + "/events",
                                 "{\"time\":1\n[1]\n\n{\"time\":\"x\",\"type\":\"y\"}\n\x80\n",
                                 O_WRONLY | O_APPEND));
  append(20, "after");
  EXPECT_EQ(actions(), (std::vector<std::string>{"before", "after"}));
}

TEST_F(EventLog, KeepsOneOldFile) {
  append(5, "oldest");
  append_until_rotated();
  ASSERT_TRUE(exists("events.1"));
  append(9, "newest");
  const auto seen = actions();
  EXPECT_EQ(seen.front(), "oldest");
  EXPECT_EQ(seen.back(), "newest");
  ASSERT_EQ(::unlink((roots_.state + "/events").c_str()), 0);
  EXPECT_EQ(actions().front(), "oldest");  // it was in the old file
}

TEST_F(EventLog, FollowsWhatOthersAppend) {
  append(10, "first");
  const pid_t child = in_child([&] { append(20, "second"); });
  std::vector<std::string> seen;
  ASSERT_TRUE(read_events(roots_, 0, 0, true, [&](const Event& event) {
    seen.push_back(event.action);
    return event.action != "second";
  }));
  EXPECT_EQ(seen, (std::vector<std::string>{"first", "second"}));
  ::waitpid(child, nullptr, 0);
}

TEST_F(EventLog, FollowsBeforeTheDirectoryIsThere) {
  std::vector<pid_t> children;
  children.push_back(in_child([&] {
    while (::access(roots_.state.c_str(), F_OK) != 0) ::usleep(1000);
    append(20, "start");
  }));
  std::string seen;
  ASSERT_TRUE(read_events(roots_, 0, 0, true, [&](const Event& event) {
    seen = event.action;
    return false;
  }));
  EXPECT_EQ(seen, "start");
  ::waitpid(children[0], nullptr, 0);
}

TEST_F(EventLog, FollowingEndsAtItsTime) {
  append(now(), "start");
  int count = 0;
  ASSERT_TRUE(read_events(roots_, 0, now() + 20'000'000, true, [&](const Event&) {
    ++count;
    return true;
  }));
  EXPECT_EQ(count, 1);
}

// Eight writers and a rotation or two: whoever follows sees every event once.
TEST_F(EventLog, LosesNothingWhileItIsRotated) {
  constexpr int kWriters = 8, kEach = 40;
  append(1, "begin");
  std::vector<pid_t> children;
  for (int writer = 0; writer < kWriters; ++writer) {
    children.push_back(in_child([&] {
      const std::string long_value(20000, 'x');
      for (int count = 0; count < kEach; ++count) {
        append(2, fmt::format("{}:{}", writer, count), {{"label", long_value}});
      }
    }));
  }
  std::multiset<std::string> seen;
  ASSERT_TRUE(read_events(roots_, 2, 0, true, [&](const Event& event) {
    seen.insert(event.action);
    return seen.size() < kWriters * kEach;
  }));
  for (const pid_t child : children) ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(exists("events.1"));
  for (const std::string& action : seen) EXPECT_EQ(seen.count(action), 1u) << action;
}

TEST(ContainerEvent, CarriesImageNameAndLabels) {
  Record record;
  record.id = "0123";
  record.name = "web";
  record.image = "busybox";
  record.labels = {{"team", "blue"}, {"name", "not this"}};
  const Event event = container_event(record, "die", {{"exitCode", "3"}});
  EXPECT_EQ(event.action, "die");
  EXPECT_EQ(event.id, "0123");
  EXPECT_EQ(event.attributes,
            (std::map<std::string, std::string>{
                {"exitCode", "3"}, {"image", "busybox"}, {"name", "web"}, {"team", "blue"}}));
}

}  // namespace
}  // namespace mycontainer::runtime::state
