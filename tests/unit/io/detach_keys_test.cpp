#include "runtime/io/detach_keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace mycontainer::runtime::io {
namespace {

// What is passed on of what is typed in these pieces.
std::string passed_on(DetachKeys& keys, const std::vector<std::string>& pieces) {
  std::string all;
  for (const std::string& piece : pieces) {
    std::vector<char> buffer(piece.size() + DetachKeys::kMost);
    std::ranges::copy(piece, buffer.begin());
    all.append(buffer.data(), keys.filter(buffer.data(), piece.size()));
  }
  return all;
}

TEST(DetachKeys, NoKeysPassEverythingOn) {
  DetachKeys none("");
  EXPECT_EQ(passed_on(none, {"abc", "\x10\x11"}), "abc\x10\x11");
  EXPECT_FALSE(none.typed());
}

TEST(DetachKeys, TheSequenceIsFoundInOnePieceAndInSeveral) {
  DetachKeys whole("\x10\x11"), parts("\x10\x11");
  EXPECT_EQ(passed_on(whole, {"ls\x10\x11more"}), "ls");
  EXPECT_TRUE(whole.typed());
  EXPECT_EQ(passed_on(parts, {"ls", "\x10", "\x11"}), "ls");
  EXPECT_TRUE(parts.typed());
}

TEST(DetachKeys, ABeginningThatComesToNothingIsPassedOnLate) {
  DetachKeys keys("\x10\x11");
  EXPECT_EQ(passed_on(keys, {"a\x10"}), "a");
  EXPECT_EQ(passed_on(keys, {"b"}),
            "\x10"
            "b");
  EXPECT_FALSE(keys.typed());
}

TEST(DetachKeys, ASequenceMayBeginWithinAnotherBeginning) {
  DetachKeys keys("aab");
  EXPECT_EQ(passed_on(keys, {"aaab"}), "a");
  EXPECT_TRUE(keys.typed());
}

}  // namespace
}  // namespace mycontainer::runtime::io
