#include "runtime/lifecycle/prune.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::lifecycle {
namespace {

state::Record record() {
  state::Record record;
  record.created = 100;
  record.labels = {{"team", "red"}, {"ci", ""}};
  return record;
}

TEST(PruneFilter, WithoutConditionsMatchesAll) { EXPECT_TRUE(matches({}, record())); }

TEST(PruneFilter, UntilMeansMadeBefore) {
  EXPECT_TRUE(matches({.until = 101, .labels = {}, .without_labels = {}}, record()));
  EXPECT_FALSE(matches({.until = 100, .labels = {}, .without_labels = {}}, record()));
}

TEST(PruneFilter, WantsAllLabels) {
  PruneFilter filter;
  filter.labels = {{"team", "red"}, {"ci", {}}};
  EXPECT_TRUE(matches(filter, record()));
  filter.labels.push_back({"team", "blue"});
  EXPECT_FALSE(matches(filter, record()));
  filter.labels = {{"none", {}}};
  EXPECT_FALSE(matches(filter, record()));
}

TEST(PruneFilter, SparesWhatHasTheUnwantedLabels) {
  PruneFilter filter;
  filter.without_labels = {{"team", {}}};
  EXPECT_FALSE(matches(filter, record()));
  filter.without_labels = {{"team", "blue"}};
  EXPECT_TRUE(matches(filter, record()));
}

}  // namespace
}  // namespace mycontainer::runtime::lifecycle
