#include <gtest/gtest.h>

#include "cmd/list/container_filter.h"
#include "cmd/list/container_row.h"
#include "cmd/list/event_format.h"
#include "cmd/list/filters.h"
#include "cmd/list/list_format.h"

namespace mycontainer::cmd::list {
namespace {

constexpr runtime::state::Nanoseconds kSecond = 1'000'000'000, kNow = 1'795'192'559 * kSecond;
const runtime::state::Roots kRoots{"/nonexistent", "/nonexistent"};

Entry make_entry() {
  Entry entry;
  entry.record.id = "0123456789abcdef";
  entry.record.name = "web";
  entry.record.image = "busybox";
  entry.record.image_id = "sha256:feed";
  entry.record.network = "none";
  entry.record.created = kNow - 7200 * kSecond;
  entry.record.args = {"/bin/sh", "-c", "echo \"a b\"\n"};
  entry.record.labels = {{"team", "blue"}, {"empty", ""}};
  entry.record.exposed_ports = {"80/tcp", "8085/udp"};
  entry.state.started = kNow - 3600 * kSecond;
  entry.status = "running";
  entry.mounts = {"/srv/data"};
  return entry;
}

// The filter's words are separated by spaces.
bool takes(const std::string& words, const Entry& entry = make_entry()) {
  Filters filters;
  for (std::size_t start = 0; start < words.size();) {
    const std::size_t end = std::min(words.find(' ', start), words.size());
    EXPECT_TRUE(add_filter(filters, words.substr(start, end - start)));
    start = end + 1;
  }
  const auto filter = ContainerFilter::compile(kRoots, filters);
  EXPECT_TRUE(filter) << words;
  return filter && filter->takes_record(entry) && filter->takes_state(entry);
}

std::string refusal(std::string_view word) {
  Filters filters;
  if (const auto added = add_filter(filters, word); !added) return added.error().message();
  const auto filter = ContainerFilter::compile(kRoots, filters);
  return filter ? "" : filter.error().message();
}

TEST(ContainerFilter, MatchesIdsAndNamesAsDockerDoes) {
  EXPECT_TRUE(takes(""));
  EXPECT_TRUE(takes("id=0123"));
  EXPECT_TRUE(takes("id=89ab"));
  EXPECT_FALSE(takes("id=^89ab"));
  EXPECT_TRUE(takes("name=we"));
  EXPECT_TRUE(takes("name=^web$"));
  EXPECT_TRUE(takes("name=^/web$"));
  EXPECT_FALSE(takes("name=^we$"));
  EXPECT_TRUE(takes("name=w.b"));
  EXPECT_FALSE(takes("name=(web"));  // no expression
}

TEST(ContainerFilter, JoinsValuesByOrAndNamesByAnd) {
  EXPECT_TRUE(takes("name=nope name=web"));
  EXPECT_FALSE(takes("name=web id=ffff"));
  EXPECT_TRUE(takes("status=exited status=running"));
}

TEST(ContainerFilter, WantsAllLabels) {
  EXPECT_TRUE(takes("label=team"));
  EXPECT_TRUE(takes("label=team=blue"));
  EXPECT_TRUE(takes("label=empty="));
  EXPECT_FALSE(takes("label=team=red"));
  EXPECT_FALSE(takes("label=team label=other"));
  EXPECT_FALSE(takes("label!=team=blue"));
  EXPECT_TRUE(takes("label!=team=red"));
}

TEST(ContainerFilter, KnowsStatesAndExitCodes) {
  Entry entry = make_entry();
  EXPECT_TRUE(takes("status=running"));
  EXPECT_FALSE(takes("status=paused"));
  EXPECT_FALSE(takes("exited=0"));  // it runs
  entry.status = "exited";
  entry.state.exit_code = 3;
  EXPECT_TRUE(takes("exited=3", entry));
  EXPECT_TRUE(takes("exited=0 exited=3", entry));
  EXPECT_FALSE(takes("exited=0", entry));
  EXPECT_TRUE(takes("health=none", entry));
  entry.state.health.status = "healthy";
  EXPECT_TRUE(takes("health=healthy", entry));
  EXPECT_FALSE(takes("health=none", entry));
}

TEST(ContainerFilter, KnowsImagesMountsNetworksAndPorts) {
  EXPECT_TRUE(takes("ancestor=busybox"));
  EXPECT_TRUE(takes("ancestor=busybox:latest"));
  EXPECT_TRUE(takes("ancestor=sha256:feed"));
  EXPECT_TRUE(takes("ancestor=fe"));
  EXPECT_FALSE(takes("ancestor=busy"));
  EXPECT_TRUE(takes("volume=/srv/data"));
  EXPECT_FALSE(takes("volume=/srv"));
  EXPECT_TRUE(takes("network=none"));
  EXPECT_FALSE(takes("network=host"));
  EXPECT_TRUE(takes("expose=80"));
  EXPECT_TRUE(takes("expose=8080-8090/udp"));
  EXPECT_FALSE(takes("expose=8080-8090"));
  EXPECT_FALSE(takes("publish=80"));
}

TEST(ContainerFilter, RefusesWhatMeansNothing) {
  EXPECT_EQ(refusal("name"), "bad format of filter (expected name=value)");
  EXPECT_EQ(refusal("foo=x"), "invalid filter 'foo'");
  EXPECT_EQ(refusal("is-task=true"), "invalid filter 'is-task'");
  EXPECT_EQ(refusal("status=bogus"), "invalid filter 'status=bogus'");
  EXPECT_EQ(refusal("exited=x"), "invalid filter 'exited=x'");
  EXPECT_EQ(refusal("health=ill"), "invalid filter 'health=ill'");
  EXPECT_EQ(refusal("before=nope"), "no such container: nope");
  EXPECT_EQ(refusal(" NAME = x "), "");
}

TEST(ContainerRow, HasDockersStatusWords) {
  Entry entry = make_entry();
  EXPECT_EQ(status_column(entry, kNow), "Up About an hour");
  entry.state.health.status = "starting";
  EXPECT_EQ(status_column(entry, kNow), "Up About an hour (health: starting)");
  entry.state.health.status = "unhealthy";
  EXPECT_EQ(status_column(entry, kNow), "Up About an hour (unhealthy)");
  entry.status = "paused";
  EXPECT_EQ(status_column(entry, kNow), "Up About an hour (Paused)");
  entry.status = "restarting";
  entry.state.exit_code = 1;
  entry.state.finished = kNow - 3 * kSecond;
  EXPECT_EQ(status_column(entry, kNow), "Restarting (1) 3 seconds ago");
  entry.status = "exited";
  EXPECT_EQ(status_column(entry, kNow), "Exited (1) 3 seconds ago");
  entry.status = "created";
  entry.state = {};
  EXPECT_EQ(status_column(entry, kNow), "Created");
  entry.broken = "cut short";
  EXPECT_EQ(status_column(entry, kNow), "broken");
}

TEST(ContainerRow, IsADocumentOfTexts) {
  const auto document = row_document(make_entry(), {.truncates = true, .now = kNow});
  for (const auto& [key, value] : document.items()) EXPECT_TRUE(value.is_string()) << key;
  EXPECT_EQ(document["ID"], "0123456789ab");
  EXPECT_EQ(document["Command"], R"("/bin/sh -c 'echo \"a…")");
  EXPECT_EQ(document["Labels"], "empty=,team=blue");
  EXPECT_EQ(document["RunningFor"], "2 hours ago");
  EXPECT_EQ(document["Status"], "Up About an hour");
  EXPECT_EQ(document["Mounts"], "/srv/data");
  const auto whole = row_document(make_entry(), {.truncates = false, .now = kNow});
  EXPECT_EQ(whole["Command"], R"("/bin/sh -c 'echo \"a b\"\n'")");
  EXPECT_EQ(whole["ID"], "0123456789abcdef");
  for (const auto& [key, value] : document.items()) EXPECT_TRUE(row_headers().contains(key)) << key;
}

TEST(ContainerRow, CannotDriveTheTerminal) {
  Entry entry = make_entry();
  entry.record.labels = {{"a", "\x1b[2J\n"}};
  entry.record.args = {"\x1b]0;x\a"};
  entry.record.image = "\xc2\x9b";
  const auto document = row_document(entry, {.truncates = true, .now = kNow});
  for (const auto& [key, value] : document.items()) {
    for (const char c : value.get<std::string>()) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  }
  EXPECT_EQ(document["Image"], "\\u009b");
  EXPECT_EQ(keyed_fields(entry)["Label"]["a"], "\\x1b[2J\\n");
}

TEST(ListFormat, KnowsDockersForms) {
  const print::Json document = {{"ID", "x"}, {"Names", "web"}};
  const print::Json headers = {{"ID", "CONTAINER ID"}, {"Names", "NAMES"}};
  EXPECT_TRUE(ListFormat::parse("")->is_default());
  EXPECT_TRUE(ListFormat::parse("table")->is_default());
  EXPECT_EQ(*ListFormat::parse("json")->line(document), "{\"ID\":\"x\",\"Names\":\"web\"}\n");
  const auto plain = ListFormat::parse("{{.ID}}\\t{{.Names}}");
  EXPECT_EQ(*plain->header(headers), "");
  EXPECT_EQ(plain->finish(*plain->line(document)), "x\tweb\n");
  const auto table = ListFormat::parse("table {{.ID}}\\t{{upper .Names}}");
  EXPECT_EQ(table->finish(*table->header(headers) + *table->line(document)),
            "CONTAINER ID   NAMES\nx              WEB\n");
  EXPECT_TRUE(table->names("Names"));
  EXPECT_FALSE(table->names("Size"));
  EXPECT_EQ(ListFormat::parse("{{").error().message(),
            "template parsing error: template: :1: unclosed action");
}

runtime::state::Event make_event() {
  return {kNow + 5,
          "container",
          "exec_create: ls -l",
          "0123456789ab",
          {{"image", "busybox:1"}, {"name", "web"}, {"team", "bl\nue"}}};
}

bool takes_filters(std::initializer_list<const char*> words) {
  Filters filters;
  for (const char* word : words) EXPECT_TRUE(add_filter(filters, word));
  EXPECT_TRUE(check_event_filters(filters));
  return takes_event(filters, make_event());
}

TEST(Events, AreSelectedAsDockerDoes) {
  EXPECT_TRUE(takes_filters({}));
  EXPECT_TRUE(takes_filters({"event=exec_create"}));
  EXPECT_FALSE(takes_filters({"event=exec"}));
  EXPECT_TRUE(takes_filters({"event=start", "event=exec_create", "type=container"}));
  EXPECT_FALSE(takes_filters({"event=exec_create", "type=image"}));
  EXPECT_TRUE(takes_filters({"container=web"}));
  EXPECT_TRUE(takes_filters({"container=0123"}));
  EXPECT_FALSE(takes_filters({"container=we"}));
  EXPECT_TRUE(takes_filters({"image=busybox"}));
  EXPECT_FALSE(takes_filters({"image=debian"}));
  EXPECT_TRUE(takes_filters({"label=team"}));
  EXPECT_FALSE(takes_filters({"label=team=red"}));
  EXPECT_FALSE(takes_filters({"volume=web"}));
  EXPECT_FALSE(check_event_filters({{"bogus", {"x"}}}));
}

TEST(Events, AreLinesAndDocumentsAsDockersAre) {
  ::setenv("TZ", "UTC", 1);
  EXPECT_EQ(event_line(make_event()),
            "2026-11-20T16:35:59.000000005Z container exec_create: ls -l 0123456789ab "
            "(image=busybox:1, name=web, team=bl\\nue)\n");
  EXPECT_EQ(event_document(make_event()).dump(),
            R"({"status":"exec_create: ls -l","id":"0123456789ab","from":"busybox:1",)"
            R"("Type":"container","Action":"exec_create: ls -l","Actor":{"ID":"0123456789ab",)"
            R"("Attributes":{"image":"busybox:1","name":"web","team":"bl\nue"}},"scope":"local",)"
            R"("time":1795192559,"timeNano":1795192559000000005})");
}

}  // namespace
}  // namespace mycontainer::cmd::list
