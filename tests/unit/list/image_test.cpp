#include <gtest/gtest.h>

#include "cmd/list/image_document.h"
#include "cmd/list/image_filter.h"
#include "cmd/list/image_row.h"

namespace mycontainer::cmd::list {
namespace {

constexpr const char* kName = "docker.io/library/alpine:3";

std::string digest() { return rootfs::content::digest_of("x").text(); }

ImageEntry entry_of(std::vector<std::string> names, std::vector<std::string> digests = {}) {
  ImageEntry entry;
  entry.image.id = rootfs::content::digest_of("config");
  entry.image.names = std::move(names);
  entry.image.repo_digests = std::move(digests);
  entry.created = 1'000'000'000;
  return entry;
}

std::string text_of(const std::vector<ImageRow>& rows) {
  std::string text;
  for (const ImageRow& row : rows) {
    text += row.repository + " " + row.tag + " " + row.digest + "\n";
  }
  return text;
}

TEST(ImageRows, AreOnePerName) {
  const auto entry = entry_of({kName, "ghcr.io/me/app:1"});
  EXPECT_EQ(text_of(rows_of(entry, false)), "alpine 3 <none>\nghcr.io/me/app 1 <none>\n");
}

TEST(ImageRows, OfANamelessImageIsOneOfNone) {
  EXPECT_EQ(text_of(rows_of(entry_of({}), true)), "<none> <none> <none>\n");
}

TEST(ImageRows, OfDigestsStandBesideTheirTagsOrAlone) {
  const auto entry = entry_of(
      {kName}, {"docker.io/library/alpine@" + digest(), "docker.io/library/other@" + digest()});
  EXPECT_EQ(text_of(rows_of(entry, true)),
            "alpine 3 " + digest() + "\nother <none> " + digest() + "\n");
  EXPECT_EQ(text_of(rows_of(entry, false)), "alpine 3 <none>\nother <none> <none>\n");
}

TEST(ReferencePatterns, MeanTheFamiliarNameWithOrWithoutTag) {
  EXPECT_TRUE(matches_reference("alpine", kName));
  EXPECT_TRUE(matches_reference("alpine:3", kName));
  EXPECT_TRUE(matches_reference("alp*", kName));
  EXPECT_TRUE(matches_reference("docker.io/library/alpine", kName));
  EXPECT_FALSE(matches_reference("alp", kName));
  EXPECT_FALSE(matches_reference("alpine:4", kName));
  EXPECT_FALSE(matches_reference("*", "ghcr.io/me/app:1"));
  EXPECT_TRUE(matches_reference("ghcr.io/*/app", "ghcr.io/me/app:1"));
}

bool takes(const std::string& typed, ImageEntry entry) {
  Filters filters;
  EXPECT_TRUE(add_filter(filters, typed));
  const auto filter = ImageFilter::compile({}, std::move(filters));
  EXPECT_TRUE(filter) << filter.error().message();
  return filter && filter->takes(entry);
}

TEST(ImageFilters, JudgeNamesLabelsAndTime) {
  auto entry = entry_of({kName});
  entry.config.config.labels = {{"a", "1"}};
  EXPECT_TRUE(takes("label=a", entry));
  EXPECT_FALSE(takes("label=a=2", entry));
  EXPECT_FALSE(takes("label!=a", entry));
  EXPECT_TRUE(takes("dangling=false", entry));
  EXPECT_FALSE(takes("dangling=true", entry));
  EXPECT_TRUE(takes("until=2", entry));
  EXPECT_FALSE(takes("until=1", entry));
  EXPECT_FALSE(takes("reference=busybox", entry));
}

TEST(ImageFilters, LeaveOnlyTheNamesThatWereMeant) {
  auto entry = entry_of({kName, "docker.io/library/busybox:1"});
  Filters filters{{"reference", {"busybox"}}};
  const auto filter = ImageFilter::compile({}, std::move(filters));
  ASSERT_TRUE(filter);
  EXPECT_TRUE(filter->takes(entry));
  EXPECT_EQ(entry.image.names, std::vector<std::string>{"docker.io/library/busybox:1"});
}

TEST(ImageFilters, RefuseWhatMeansNothing) {
  EXPECT_FALSE(ImageFilter::compile({}, {{"colour", {"red"}}}));
  EXPECT_FALSE(ImageFilter::compile({}, {{"dangling", {"perhaps"}}}));
  EXPECT_FALSE(ImageFilter::compile({}, {{"until", {"1", "2"}}}));
}

TEST(ImageHistory, GivesLayersToTheStepsThatMadeThem) {
  auto entry = entry_of({kName});
  entry.layers = {{rootfs::content::digest_of("a"), 1000}, {rootfs::content::digest_of("b"), 20}};
  entry.config.history = {{"1970-01-01T00:00:01Z", "ADD", "", "", false},
                          {"1970-01-01T00:00:02Z", "ENV", "", "a comment", true}};
  const auto steps = history_documents(entry, {true, true, 3'000'000'000});
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0]["ID"], entry.image.id.short_hex());
  EXPECT_EQ(steps[0]["Comment"], "a comment");
  EXPECT_EQ(steps[0]["Size"], "0B");
  EXPECT_EQ(steps[1]["CreatedBy"], "ADD");
  EXPECT_EQ(steps[1]["Size"], "20B");
  EXPECT_EQ(steps[1]["CreatedSince"], "2 seconds ago");
  // The layer that no step tells of is the base's, not the newest.
  EXPECT_EQ(steps[2]["ID"], "<missing>");
  EXPECT_EQ(steps[2]["CreatedSince"], "N/A");
  EXPECT_EQ(steps[2]["Size"], "1kB");
}

}  // namespace
}  // namespace mycontainer::cmd::list
