#include "runtime/engine/names.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace mycontainer::runtime::engine {
namespace {

TEST(Names, MakeIdsOf64HexadecimalDigitsThatNeverRepeat) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const Result<std::string> id = random_id();
    ASSERT_TRUE(id) << id.error().message();
    EXPECT_EQ(id->size(), kIdLength);
    EXPECT_EQ(id->find_first_not_of("0123456789abcdef"), std::string::npos) << *id;
    EXPECT_LT(id->find_first_of("abcdef"), kShortIdLength) << *id;
    seen.insert(*id);
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(Names, AreAnAdjectiveAndANoun) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const Result<std::string> name = random_name();
    ASSERT_TRUE(name) << name.error().message();
    EXPECT_EQ(std::count(name->begin(), name->end(), '_'), 1) << *name;
    EXPECT_EQ(name->find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos) << *name;
    seen.insert(*name);
  }
  EXPECT_GT(seen.size(), 700u);  // of 4,096: about 890 different ones are expected
}

}  // namespace
}  // namespace mycontainer::runtime::engine
