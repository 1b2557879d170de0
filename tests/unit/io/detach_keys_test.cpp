#include "runtime/io/detach_keys.h"

#include <gtest/gtest.h>

#include <vector>

namespace mycontainer::runtime::io {
namespace {

// What is passed on of what is typed in these pieces.
std::string passed_on(DetachKeys& keys, const std::vector<std::string>& pieces) {
  std::string all;
  for (const std::string& piece : pieces) keys.take(piece, all);
  return all;
}

TEST(DetachKeys, NoKeysPassEverythingOn) {
  DetachKeys none("");
  EXPECT_EQ(passed_on(none, {"abc", "\x10\x11"}), "abc\x10\x11");
  EXPECT_FALSE(none.complete());
}

TEST(DetachKeys, TheSequenceIsFoundInOnePieceAndInSeveral) {
  DetachKeys whole("\x10\x11"), parts("\x10\x11");
  EXPECT_EQ(passed_on(whole, {"ls\x10\x11more"}), "ls");
  EXPECT_TRUE(whole.complete());
  EXPECT_EQ(passed_on(parts, {"ls", "\x10", "\x11"}), "ls");
  EXPECT_TRUE(parts.complete());
}

TEST(DetachKeys, ABeginningThatComesToNothingIsPassedOnLate) {
  DetachKeys keys("\x10\x11");
  EXPECT_EQ(passed_on(keys, {"a\x10"}), "a");
  EXPECT_EQ(passed_on(keys, {"b"}),
            "\x10"
            "b");
  EXPECT_FALSE(keys.complete());
}

TEST(DetachKeys, WhatIsHeldBackAtTheEndIsNotLost) {
  DetachKeys keys("\x10\x11");
  EXPECT_EQ(passed_on(keys, {"a\x10"}), "a");
  EXPECT_EQ(keys.rest(), "\x10");
  EXPECT_EQ(keys.rest(), "");
}

TEST(DetachKeys, ASequenceMayBeginWithinAnotherBeginning) {
  DetachKeys keys("aab");
  EXPECT_EQ(passed_on(keys, {"aaab"}), "a");
  EXPECT_TRUE(keys.complete());
}

}  // namespace
}  // namespace mycontainer::runtime::io
