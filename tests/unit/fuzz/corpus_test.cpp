// Replays the fuzzers' corpus, so that what was once found stays found where there is no fuzzer.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/fuzz/exercise.h"
#include "tests/fuzz/exercise_dns.h"
#include "tests/fuzz/exercise_image.h"

namespace mycontainer::fuzz {
namespace {

using Path = std::filesystem::path;

std::vector<Path> corpus(const std::string& target, const std::string& prefix) {
  std::vector<Path> files;
  for (const auto& entry : std::filesystem::directory_iterator(Path(MYCONTAINER_CORPUS) / target))
    if (entry.path().filename().string().starts_with(prefix)) files.push_back(entry.path());
  return files;
}

std::string text_of(const Path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

using Exercise = Outcome (*)(std::string_view);

void expect_no_finding(const std::string& target, Exercise exercise) {
  const std::vector<Path> files = corpus(target, "");
  EXPECT_GE(files.size(), 10u);
  for (const Path& path : files) EXPECT_EQ(exercise(text_of(path)).finding, "") << path;
}

// "real-*": what runc, crun, podman, containerd and mycontainer write; of images, what umoci,
// skopeo and buildah write.
void expect_accepted(const std::string& target, Exercise exercise, std::size_t at_least) {
  const std::vector<Path> files = corpus(target, "real-");
  EXPECT_GE(files.size(), at_least);
  for (const Path& path : files) EXPECT_EQ(exercise(text_of(path)).refusal, "") << path;
}

TEST(Corpus, NoConfigurationLeadsToAFinding) { expect_no_finding("config", exercise_config); }

TEST(Corpus, NoProcessLeadsToAFinding) { expect_no_finding("process", exercise_process); }

TEST(Corpus, NoDocumentOfAnImageLeadsToAFinding) {
  expect_no_finding("manifest", exercise_manifest);
  expect_no_finding("index", exercise_index);
  expect_no_finding("image_config", exercise_image_config);
}

TEST(Corpus, NoNameOfAnImageLeadsToAFinding) { expect_no_finding("reference", exercise_reference); }

TEST(Corpus, NoQuestionOfTheNameSystemLeadsToAFinding) {
  expect_no_finding("dns", exercise_dns);
  expect_accepted("dns", exercise_dns, 7);
}

TEST(Corpus, EveryRealDocumentOfAnImageIsRead) {
  expect_accepted("manifest", exercise_manifest, 4);
  expect_accepted("index", exercise_index, 3);
  expect_accepted("image_config", exercise_image_config, 4);
}

TEST(Corpus, EveryRealConfigurationIsPlanned) { expect_accepted("config", exercise_config, 5); }

TEST(Corpus, EveryRealProcessIsPlanned) { expect_accepted("process", exercise_process, 5); }

}  // namespace
}  // namespace mycontainer::fuzz
