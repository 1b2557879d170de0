#include "cmd/oci/process_table.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace mycontainer::cmd::oci {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kStat =
    "42 (my (odd) name) S 7 42 42 34817 42 0 0 0 0 0 1000 500 0 0 20 0 1 0 12300 0 0\n";
constexpr std::string_view kStatus = "Name:\tx\nUid:\t0\t1000\t0\t0\nGid:\t0\t0\t0\t0\n";
constexpr std::string_view kPasswd =
    "root:x:0:0::/:/bin/sh\nalexander-the:x:1000:1000::/:/bin/sh\n";
constexpr std::time_t kBoot = 1769860800;  // 2026-01-31T12:00:00Z

std::string table_of(std::span<const ProcessFacts> facts, const TableContext& context) {
  return process_table(process_rows(facts, context));
}

class ProcessTable : public ::testing::Test {
 protected:
  ProcessTable() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
};

TEST_F(ProcessTable, ReadsTheFilesOfProc) {
  const auto facts = read_facts(kStat, kStatus, "sleep\0\x31\x30\0"sv);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->pid, 42);
  EXPECT_EQ(facts->parent, 7);
  EXPECT_EQ(facts->uid, 1000u);
  EXPECT_EQ(facts->terminal, 34817);
  EXPECT_EQ(facts->used_ticks, 1500u);
  EXPECT_EQ(facts->start_ticks, 12300u);
  EXPECT_EQ(facts->command, "sleep 10");
}

TEST_F(ProcessTable, NamesAProcessWithoutArguments) {
  EXPECT_EQ(read_facts(kStat, kStatus, "")->command, "[my (odd) name]");
  std::string zombie(kStat);
  zombie.replace(zombie.find(" S "), 3, " Z ");
  EXPECT_EQ(read_facts(zombie, kStatus, "")->command, "[my (odd) name] <defunct>");
}

TEST_F(ProcessTable, ShowsNothingThatDrivesATerminal) {
  EXPECT_EQ(read_facts(kStat, kStatus, "a\x1b[2J\nb\0c"sv)->command, "a?[2J?b c");
}

TEST_F(ProcessTable, RefusesWhatIsNoProcess) {
  for (const std::string_view stat : {""sv, "42"sv, "42 )("sv, "42 (x) S 1 2"sv}) {
    EXPECT_FALSE(read_facts(stat, kStatus, ""));
  }
  EXPECT_FALSE(read_facts(kStat, "Name: x\n", ""));
}

TEST_F(ProcessTable, LooksLikePs) {
  ProcessFacts first{1, 0, 0, 0, 0, 0, "init"};
  ProcessFacts second{42, 1, 1000, 34817, 366100, 12000, "sleep 10"};
  const ProcessFacts facts[] = {first, second};
  EXPECT_EQ(table_of(facts, {kPasswd, kBoot, kBoot + 7200}),
            "UID          PID    PPID  C STIME TTY          TIME CMD\n"
            "root           1       0  0 12:00 ?        00:00:00 init\n"
            "alexand+      42       1 51 12:02 pts/1    01:01:01 sleep 10\n");
}

TEST_F(ProcessTable, ShowsTheDayOrTheYearOfOldProcesses) {
  const ProcessFacts facts[] = {{1, 0, 5, 1025, 100 * 90000, 0, "x"}};
  EXPECT_NE(table_of(facts, {kPasswd, kBoot, kBoot + 86400}).find(" Jan31 tty1   "),
            std::string::npos);
  EXPECT_NE(table_of(facts, {kPasswd, kBoot, kBoot + 400 * 86400}).find("  2026 tty1 "),
            std::string::npos);
  EXPECT_NE(table_of(facts, {kPasswd, kBoot, kBoot + 86400}).find(" 1-01:00:00 x"),
            std::string::npos);
  EXPECT_NE(table_of(facts, {kPasswd, kBoot, kBoot + 86400}).find("\n5  "), std::string::npos);
}

TEST_F(ProcessTable, KnowsWhenTheMachineStarted) {
  EXPECT_EQ(boot_time("cpu  1 2\nbtime 1769860800\nprocesses 9\n"), kBoot);
  EXPECT_EQ(boot_time("cpu 1\n"), 0);
}

}  // namespace
}  // namespace mycontainer::cmd::oci
