// Replays the fuzzer's layers.
#include <gtest/gtest.h>

#include <filesystem>

#include "reexec/sys/file.h"
#include "tests/fuzz/exercise_layer.h"

namespace mycontainer::fuzz {
namespace {

TEST(LayerCorpus, NoLayerLeadsToAFinding) {
  std::size_t count = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(std::string(MYCONTAINER_CORPUS) + "/layer")) {
    const auto blob = sys::read_file_at(AT_FDCWD, file.path());
    ASSERT_TRUE(blob) << file.path();
    EXPECT_EQ(exercise_layer(*blob).finding, "") << file.path();
    ++count;
  }
  EXPECT_GE(count, 5U);
}

}  // namespace
}  // namespace mycontainer::fuzz
