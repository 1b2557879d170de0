#include "cmd/oci/documents.h"

#include <gtest/gtest.h>

namespace mycontainer::cmd::oci {
namespace {

using runtime::container::Status;

ContainerRow row(std::string id, Status status) {
  ContainerRow result;
  auto& record = result.container.record;
  record.oci_version = "1.0.2";
  record.id = std::move(id);
  record.pid = 42;
  record.bundle = "/b";
  record.rootfs = "/b/rootfs";
  record.created = "2026-01-31T12:00:00.123456789Z";
  result.container.status = status;
  return result;
}

TEST(State, IsRuncs) {
  ContainerRow container = row("c", Status::kRunning);
  container.container.record.annotations = {{"key", "value"}};
  EXPECT_EQ(state_json(container), R"({
  "ociVersion": "1.0.2",
  "id": "c",
  "pid": 42,
  "status": "running",
  "bundle": "/b",
  "rootfs": "/b/rootfs",
  "created": "2026-01-31T12:00:00.123456789Z",
  "annotations": {
    "key": "value"
  },
  "owner": ""
})");
}

TEST(State, OfAStoppedContainerHasNoPid) {
  const std::string json = state_json(row("c", Status::kStopped));
  EXPECT_NE(json.find("\"pid\": 0,"), std::string::npos) << json;
  EXPECT_NE(json.find("\"status\": \"stopped\""), std::string::npos) << json;
  EXPECT_EQ(json.find("annotations"), std::string::npos) << json;
}

TEST(List, OfNothingIsTheHeaderOrNull) {
  EXPECT_EQ(list_table({}), "ID          PID         STATUS      BUNDLE      CREATED     OWNER\n");
  EXPECT_EQ(list_json({}), "null");
}

TEST(List, HasColumnsAsWideAsTheirLongestEntry) {
  std::vector<ContainerRow> rows = {row("a", Status::kCreated),
                                    row("twelve-chars", Status::kStopped)};
  rows[0].owner = "root";
  rows[1].owner = "#1000";
  EXPECT_EQ(list_table(rows),
            "ID             PID         STATUS      BUNDLE      CREATED                          "
            "OWNER\n"
            "a              42          created     /b          2026-01-31T12:00:00.123456789Z   "
            "root\n"
            "twelve-chars   0           stopped     /b          2026-01-31T12:00:00.123456789Z   "
            "#1000\n");
}

TEST(List, AsJsonIsAnArrayOfStates) {
  const std::vector<ContainerRow> rows = {row("a", Status::kPaused), row("b", Status::kCreating)};
  const std::string json = list_json(rows);
  EXPECT_EQ(json.front(), '[');
  EXPECT_NE(json.find("\"id\":\"a\",\"pid\":42,\"status\":\"paused\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"status\":\"creating\""), std::string::npos) << json;
  EXPECT_EQ(json.find('\n'), std::string::npos);
}

TEST(Owner, IsANameOfPasswdOrTheNumber) {
  constexpr std::string_view kPasswd =
      "# comment\nroot:x:0:0::/root:/bin/sh\nbroken\nalice:x:1000:1000:A:/home/alice:/bin/sh";
  EXPECT_EQ(owner_name(kPasswd, 0), "root");
  EXPECT_EQ(owner_name(kPasswd, 1000), "alice");
  EXPECT_EQ(owner_name(kPasswd, 100), "#100");
  EXPECT_EQ(owner_name("", 0), "#0");
}

}  // namespace
}  // namespace mycontainer::cmd::oci
