#include "cmd/stats_row.h"

#include <gtest/gtest.h>

namespace mycontainer::cmd {
namespace {

Measured measured() {
  Measured row;
  row.id = row.word = std::string(64, 'a');
  row.name = "box";
  row.runs = true;
  return row;
}

TEST(StatsRow, ShowsWhatTwoReadingsTell) {
  Measured row = measured();
  row.before.emplace();
  row.now.emplace();
  row.now->time = 1'000'000'000;
  row.now->cpu = 123'450'000;
  row.now->memory = 1536 * 1024;
  row.now->memory_limit = 3 * 1024 * 1024;
  row.now->received = 1200;
  row.now->written = 5'000'000;
  row.now->processes = 7;
  EXPECT_EQ(print::json_line(stats_document(row, true)),
            R"({"BlockIO":"0B / 5MB","CPUPerc":"12.35%","Container":"aaaaaaaaaaaa",)"
            R"("ID":"aaaaaaaaaaaa","MemPerc":"50.00%","MemUsage":"1.5MiB / 3MiB","Name":"box",)"
            R"("NetIO":"1.2kB / 0B","PIDs":"7"})");
}

TEST(StatsRow, WhatIsNotKnownAndWhatDoesNotRun) {
  Measured row = measured();
  EXPECT_EQ(stats_document(row, true)["MemUsage"], "-- / --");
  EXPECT_EQ(stats_document(row, true)["PIDs"], "--");
  row.runs = false;
  EXPECT_EQ(stats_document(row, true)["MemUsage"], "0B / 0B");
  EXPECT_EQ(stats_document(row, true)["CPUPerc"], "0.00%");
}

TEST(StatsRow, TheIdIsCutUnlessAskedAndTheUsersWordIsKept) {
  Measured row = measured();
  EXPECT_EQ(stats_document(row, false)["ID"], std::string(64, 'a'));
  row.word = "box";
  EXPECT_EQ(stats_document(row, true)["Container"], "box");
}

TEST(StatsRow, EveryFieldHasAHeader) {
  EXPECT_EQ(stats_headers().size(), stats_document(measured(), true).size());
}

}  // namespace
}  // namespace mycontainer::cmd
