#include "runtime/engine/trace.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mycontainer::runtime::engine {
namespace {

const std::vector<init::StepTime> kParent = {{"plan", 1000, 1100}, {"wait", 1200, 2000}};
const std::vector<init::StepTime> kChild = {{"mounts", 1150, 1500}};

TEST(TraceTable, ShowsBothProcessesInOneOrderFromZero) {
  EXPECT_EQ(trace_table(kParent, kChild),
            "process step                             at us        us\n"
            "parent  plan                                 0       100\n"
            "child   mounts                             150       350\n"
            "parent  wait                               200       800\n");
}

TEST(TraceEvents, AreCompleteEventsThatAViewerReads) {
  const auto events = nlohmann::json::parse(trace_events(kParent, kChild))["traceEvents"];
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[1]["name"], "mounts");
  EXPECT_EQ(events[1]["ph"], "X");
  EXPECT_EQ(events[1]["dur"], 350);
  EXPECT_NE(events[0]["pid"], events[1]["pid"]);
}

}  // namespace
}  // namespace mycontainer::runtime::engine
