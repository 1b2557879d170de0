#include "runtime/images/remove.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::images {
namespace {

using rootfs::content::digest_of;

constexpr const char* kA = "docker.io/library/a:latest";
constexpr const char* kA1 = "docker.io/library/a:1";
constexpr const char* kB = "docker.io/library/b:latest";

rootfs::image::Image image_of(std::vector<std::string> names) {
  rootfs::image::Image image;
  image.id = digest_of("config");
  image.names = std::move(names);
  return image;
}

std::string repo_digest(const std::string& repository) {
  return "docker.io/library/" + repository + "@" + digest_of("manifest").text();
}

UsedBy user(bool runs) { return {digest_of("config"), "0123456789abcdef", runs}; }

std::string error_of(const rootfs::image::Image& image, const std::string& word, bool force,
                     const std::vector<UsedBy>& users) {
  const auto plan = plan_removal(image, word, force, users);
  return plan ? "none" : plan.error().message();
}

TEST(RemovalPlan, TakesTheLastNameAndTheImage) {
  const auto plan = plan_removal(image_of({kA}), "a", false, {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->names, std::vector<std::string>{kA});
  EXPECT_TRUE(plan->forgets);
}

TEST(RemovalPlan, TakesOnlyTheNameThatWasSaid) {
  const auto plan = plan_removal(image_of({kA1, kA, kB}), "a:1", false, {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->names, std::vector<std::string>{kA1});
}

TEST(RemovalPlan, TakesTheDigestsOfARepositoryWithItsLastTag) {
  auto image = image_of({kA, kB});
  image.repo_digests = {repo_digest("a"), repo_digest("b")};
  const auto plan = plan_removal(image, "a", false, {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->names, (std::vector<std::string>{kA, repo_digest("a")}));
  image.names = {kA, kA1};
  EXPECT_EQ(plan_removal(image, "a", false, {})->names, std::vector<std::string>{kA});
}

TEST(RemovalPlan, ByIdTakesAllOfOneRepository) {
  auto image = image_of({kA});
  image.repo_digests = {repo_digest("a")};
  for (const std::string& word :
       {image.id.text(), std::string(image.id.hex()), image.id.short_hex()}) {
    const auto plan = plan_removal(image, word, false, {});
    ASSERT_TRUE(plan) << word;
    EXPECT_EQ(plan->names.size(), 2u);
    EXPECT_TRUE(plan->forgets);
  }
}

TEST(RemovalPlan, ByIdOfSeveralNamesMustBeForced) {
  const auto image = image_of({kA, kB});
  EXPECT_EQ(error_of(image, image.id.text(), false, {}),
            "conflict: unable to delete " + image.id.short_hex() +
                " (must be forced) - image is referenced in multiple repositories");
  EXPECT_EQ(plan_removal(image, image.id.text(), true, {})->names.size(), 2u);
}

TEST(RemovalPlan, AContainerHoldsTheLastName) {
  const auto image = image_of({kA});
  EXPECT_EQ(error_of(image, "a", false, {user(false)}),
            "conflict: unable to remove repository reference \"a\" (must force) - container "
            "0123456789ab is using its referenced image " +
                image.id.short_hex());
  EXPECT_TRUE(plan_removal(image, "a", true, {user(false)})->forgets);
}

TEST(RemovalPlan, AContainerDoesNotHoldOneOfSeveralNames) {
  const auto plan = plan_removal(image_of({kA, kB}), "b", false, {user(true)});
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->forgets);
}

TEST(RemovalPlan, OfARunningContainerOnlyTheNameGoesByForce) {
  const auto image = image_of({kA});
  const auto plan = plan_removal(image, "a", true, {user(true)});
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->forgets);
  EXPECT_EQ(error_of(image, image.id.text(), true, {user(true)}),
            "conflict: unable to delete " + image.id.short_hex() +
                " (cannot be forced) - image is being used by running container 0123456789ab");
  EXPECT_EQ(error_of(image, image.id.text(), false, {user(false)}),
            "conflict: unable to delete " + image.id.short_hex() +
                " (must be forced) - image is being used by stopped container 0123456789ab");
}

TEST(Shares, CountASharedLayerOnce) {
  const LayerSize base{digest_of("base"), 100}, top{digest_of("top"), 7};
  Entry one, two;
  one.layers = {base};
  two.layers = {base, top};
  const Shares shares = shares_of({one, two});
  EXPECT_EQ(shares.all, 107u);
  EXPECT_EQ(shares.uniques, (std::vector<std::uint64_t>{0, 7}));
}

}  // namespace
}  // namespace mycontainer::runtime::images
