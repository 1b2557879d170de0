#include "cmd/options/suggest.h"

#include <gtest/gtest.h>

#include <array>

namespace mycontainer::cmd::options {
namespace {

constexpr std::array<std::string_view, 4> kWords = {"run", "version", "help", "memory-swap"};

TEST(Suggest, FindsAWordWithOneSlip) {
  EXPECT_EQ(suggest("rnu", kWords), "run");
  EXPECT_EQ(suggest("ru", kWords), "run");
  EXPECT_EQ(suggest("runn", kWords), "run");
  EXPECT_EQ(suggest("versoin", kWords), "version");
}

TEST(Suggest, AllowsMoreSlipsInLongerWords) {
  EXPECT_EQ(suggest("memry_swap", kWords), "memory-swap");
  EXPECT_EQ(suggest("hxyp", kWords), "");
}

TEST(Suggest, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(suggest("compose", kWords), "");
  EXPECT_EQ(suggest("", kWords), "");
  EXPECT_EQ(suggest("x", kWords), "");
}

}  // namespace
}  // namespace mycontainer::cmd::options
