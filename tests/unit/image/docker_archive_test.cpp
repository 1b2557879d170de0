#include "rootfs/image/docker_archive.h"

#include <gtest/gtest.h>

namespace mycontainer::rootfs::image {
namespace {

TEST(DockerArchive, WhatIsWrittenIsReadAgain) {
  const std::vector<DockerArchiveImage> images = {{"a.json", {"x:1", "x:2"}, {"l/layer.tar"}},
                                                  {"b.json", {}, {}}};
  const auto read = parse_docker_archive(to_json(images));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(*read, images);
}

TEST(DockerArchive, NullStandsForNothing) {
  const auto read = parse_docker_archive(R"([{"Config":"c","RepoTags":null,"Layers":null}])");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->front(), (DockerArchiveImage{"c", {}, {}}));
}

TEST(DockerArchive, OtherDocumentsAreRefused) {
  const std::string deep(10000, '[');
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[1]"), std::string("[{}]"),
        std::string(R"([{"Config":"c","Layers":"x"}])"), std::string(R"([{"Config":["c"]}])"),
        std::string(R"([{"Config":"c"})"), deep, "[" + std::string(5 << 20, ' ') + "]"}) {
    EXPECT_FALSE(parse_docker_archive(text)) << text.substr(0, 100);
  }
}

}  // namespace
}  // namespace mycontainer::rootfs::image
