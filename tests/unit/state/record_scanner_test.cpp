#include "runtime/state/record_scanner.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace mycontainer::runtime::state {
namespace {

Record full_record() {
  Record record;
  record.id = "0123";
  record.name = "web";
  record.image = "busybox";
  record.image_id = "sha256:feed";
  record.created = 1'795'192'559'000'000'001;
  record.args = {"/bin/sh", "-c", "echo \"a\\b\"\n\t\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80"};
  record.entrypoint = {"/bin/sh"};
  record.command = {"-c", ""};
  record.labels = {{"team", "blue"}, {"quo\"te", "\x7f"}};
  record.hostname = "0123";
  record.exposed_ports = {"80/tcp"};
  record.volumes = {{"data", "/x", false, true}, {"0a", "/y", true, false}};
  record.interactive = record.stdin_once = record.terminal = record.auto_remove = true;
  record.foreground = record.rootless = record.privileged = true;
  record.overlay = false;
  record.network = "host";
  record.cgroup_parent = "/x";
  record.restart = {RestartKind::kOnFailure, 3};
  record.log = {"none", 7, 2, {{"max-size", "7"}}};
  record.health_check = {{"CMD", "true"}, 1, 2, 3, 4, 5};
  record.stop_signal = 2;
  record.stop_timeout = -1;
  record.state.status = Status::kRestarting;
  record.state.boot = "b";
  record.state.pid = 4711;
  record.state.exit_code = 137;
  record.state.oom_killed = record.state.stopped_by_user = true;
  record.state.error = "e";
  record.state.started = 5;
  record.state.finished = -6;
  record.state.restart_count = 7;
  record.state.health = {"unhealthy", 2, {{1, 2, 3, "out\r"}, {4, 5, 6, ""}}};
  return record;
}

// The same text by the whole parser: white space keeps the scanner away.
Result<Record> parse_slowly(const std::string& text) { return from_json(" " + text); }

TEST(RecordScanner, ReadsEverythingThatIsWritten) {
  for (const Record& record : {full_record(), [] {
                                 Record least;
                                 least.id = "0123";
                                 return least;
                               }()}) {
    const std::string text = to_json(record);
    const auto scanned = scan_record(text);
    ASSERT_TRUE(scanned) << text;
    EXPECT_EQ(to_json(*scanned), text);
    EXPECT_FALSE(scan_record(" " + text));
    const auto parsed = parse_slowly(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(to_json(*parsed), text);
  }
}

TEST(RecordScanner, SaysNothingAboutVolumesWhenThereAreNone) {
  Record record;
  record.id = "0123";
  EXPECT_EQ(to_json(record).find("volumes"), std::string::npos);
  EXPECT_TRUE(from_json(to_json(record))->volumes.empty());
}

TEST(RecordScanner, KeepsEachMemberApart) {
  const auto scanned = scan_record(to_json(full_record()));
  ASSERT_TRUE(scanned);
  EXPECT_EQ(scanned->args[2], full_record().args[2]);
  EXPECT_EQ(scanned->labels, full_record().labels);
  ASSERT_EQ(scanned->volumes.size(), 2U);
  EXPECT_EQ(scanned->volumes[0].destination, "/x");
  EXPECT_TRUE(scanned->volumes[0].copy_up && !scanned->volumes[0].anonymous);
  EXPECT_EQ(scanned->volumes[1].name, "0a");
  EXPECT_EQ(scanned->stop_timeout, -1);
  EXPECT_EQ(scanned->state.status, Status::kRestarting);
  EXPECT_EQ(scanned->state.finished, -6);
  EXPECT_EQ(scanned->state.health.log[0].output, "out\r");
  EXPECT_EQ(scanned->restart.kind, RestartKind::kOnFailure);
}

TEST(RecordScanner, LeavesOtherFormsToTheParser) {
  for (const char* text : {"",
                           "{",
                           "{}",
                           "[]",
                           "null",
                           R"({"id":"x"})",
                           R"({"id":"","state":{}})",
                           R"({"id":"x","state":{},})",
                           R"({"id":"x","state":{}}x)",
                           R"({"id":"x", "state":{}})",
                           R"({"id":"x","state":{},"unknown":1})",
                           R"({"id":5,"state":{}})",
                           R"({"id":"\u0041","state":{}})",
                           R"({"id":"x","state":{"pid":1.5}})",
                           R"({"id":"x","state":{"pid":1e3}})",
                           R"({"id":"x","state":{"pid":007}})",
                           R"({"id":"x","state":{"pid":99999999999}})",
                           R"({"id":"x","state":{"status":"odd"}})",
                           R"({"id":"x","state":{"oomKilled":1}})",
                           "{\"id\":\"\xff\",\"state\":{}}",
                           "{\"id\":\"a\nb\",\"state\":{}}",
                           R"({"id":"x","labels":{"a":1},"state":{}})"}) {
    EXPECT_FALSE(scan_record(text)) << text;
  }
  EXPECT_TRUE(scan_record(R"({"id":"x","state":{}})"));
}

// What the scanner takes, the parser takes for the same; cut short, neither takes it.
TEST(RecordScanner, NeverDisagreesWithTheParser) {
  const std::string good = to_json(full_record());
  for (std::size_t size = 0; size < good.size(); ++size) {
    ASSERT_FALSE(from_json(good.substr(0, size))) << size;
  }
  std::minstd_rand random(1);
  int taken = 0;
  for (int round = 0; round < 30000; ++round) {
    std::string text = good;
    const std::size_t at = random() % text.size();
    text[at] = "\"\\{}[],:0-9ae.\x80 "[random() % 17];
    const auto scanned = scan_record(text);
    if (!scanned) continue;
    ++taken;
    const auto parsed = parse_slowly(text);
    ASSERT_TRUE(parsed) << text;
    ASSERT_EQ(to_json(*parsed), to_json(*scanned)) << text;
  }
  EXPECT_GT(taken, 100);
}

}  // namespace
}  // namespace mycontainer::runtime::state
