// The table of Docker's documentation ("docker cp", "Extended description").
#include "runtime/lifecycle/copy_rules.h"

#include <gtest/gtest.h>

namespace mycontainer::runtime::lifecycle {
namespace {

const CopySource kFile{"f", false};
const CopySource kDirectory{"d", true};
const CopySource kContent{".", true};

CopyTarget missing(const std::string& typed) {
  return {clean_path(typed), false, false, names_directory(typed)};
}
CopyTarget file(const std::string& typed) {
  return {clean_path(typed), true, false, names_directory(typed)};
}
CopyTarget directory(const std::string& typed) {
  return {clean_path(typed), true, true, names_directory(typed)};
}

std::string placed(const CopySource& source, const CopyTarget& target) {
  const auto result = place(source, target);
  return result ? result->directory + " " + result->name : result.error().message();
}

TEST(Place, AFile) {
  EXPECT_EQ(placed(kFile, missing("/a/b")), "/a b");
  EXPECT_EQ(placed(kFile, missing("/b")), "/ b");
  EXPECT_EQ(placed(kFile, missing("/a/b/")), "no such directory");
  EXPECT_EQ(placed(kFile, missing("/a/b/.")), "no such directory");
  EXPECT_EQ(placed(kFile, file("/a/b")), "/a b");
  EXPECT_EQ(placed(kFile, file("/a/b/")), "not a directory");
  EXPECT_EQ(placed(kFile, directory("/a/b")), "/a/b f");
  EXPECT_EQ(placed(kFile, directory("/")), "/ f");
}

TEST(Place, ADirectory) {
  EXPECT_EQ(placed(kDirectory, missing("/a/b")), "/a b");
  EXPECT_EQ(placed(kDirectory, missing("/a/b/")), "/a b");
  EXPECT_EQ(placed(kDirectory, file("/a/b")), "cannot copy directory");
  EXPECT_EQ(placed(kDirectory, directory("/a/b")), "/a/b d");
}

TEST(Place, ADirectorysContent) {
  EXPECT_EQ(placed(kContent, missing("/a/b")), "/a b");
  EXPECT_EQ(placed(kContent, file("/a/b")), "cannot copy directory");
  EXPECT_EQ(placed(kContent, directory("/a/b")), "/a/b .");
}

TEST(Paths, EndsDecideWhatIsMeant) {
  for (const char* path : {"/a/", "a/", "/a/.", ".", "/"})
    EXPECT_TRUE(names_directory(path)) << path;
  for (const char* path : {"/a", "a", "a.", "/a/.b"}) EXPECT_FALSE(names_directory(path)) << path;
  for (const char* path : {"/a/.", ".", "/", "", "/a/.."}) EXPECT_TRUE(names_content(path)) << path;
  for (const char* path : {"/a", "/a/", "a.", "/.a"}) EXPECT_FALSE(names_content(path)) << path;
}

TEST(Paths, AreSplitAndLinksFollowedInTheText) {
  EXPECT_EQ(parent_of("/a/b"), "/a");
  EXPECT_EQ(parent_of("/a"), "/");
  EXPECT_EQ(parent_of("/"), "/");
  EXPECT_EQ(name_of_path("/a/b"), "b");
  EXPECT_EQ(name_of_path("/"), ".");
  EXPECT_EQ(follow_link("/a/l", "b"), "/a/b");
  EXPECT_EQ(follow_link("/a/l", "../../../b"), "/b");
  EXPECT_EQ(follow_link("/a/l", "/b"), "/b");
}

}  // namespace
}  // namespace mycontainer::runtime::lifecycle
